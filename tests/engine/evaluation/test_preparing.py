"""Preparing a picture gives what transformers' own processors give, to a grey level."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import BlipImageProcessorPil, CLIPImageProcessorPil, SiglipImageProcessorPil

from sketchdesk.engine.evaluation.preparing import Preparation

PROCESSORS = {
    "clip": CLIPImageProcessorPil(),
    "small": CLIPImageProcessorPil(size={"shortest_edge": 31}, crop_size={"height": 40, "width": 24}),
    "openclip": CLIPImageProcessorPil(size={"shortest_edge": 64}, crop_size={"height": 64, "width": 64}, resample=2),
    "siglip": SiglipImageProcessorPil(),
    "blip": BlipImageProcessorPil(),
    "plain": CLIPImageProcessorPil(do_resize=False, crop_size={"height": 16, "width": 16}, do_normalize=False),
}


@pytest.mark.parametrize("name", PROCESSORS)
def test_it_equals_transformers_to_a_grey_level(name, pictures):
    processor = PROCESSORS[name]
    preparation = Preparation.of(processor)
    for picture in pictures:
        expected = processor([picture], return_tensors="pt")["pixel_values"]
        found = preparation.numbers([preparation.pixels(picture)], torch.device("cpu"), torch.float32)
        assert found.shape == expected.shape
        grey_level = preparation.rescale / min(preparation.deviation)
        assert (found - expected).abs().max() < 1.01 * grey_level
        assert np.mean(np.abs((found - expected).numpy())) < 0.01 * grey_level  # and nearly all to the last digit


def test_a_processors_other_numbers_change_the_result(pictures):
    plain, other = (
        Preparation.of(CLIPImageProcessorPil(image_std=[deviation] * 3)) for deviation in (0.25, 0.5)
    )
    one, two = (p.numbers([p.pixels(pictures[0])], torch.device("cpu"), torch.float32) for p in (plain, other))
    assert one == pytest.approx(two * 2, rel=1e-5)
