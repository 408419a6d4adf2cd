"""Drawing on a make-believe card (tests/fakes/card.py): what meets lies in one place, also where memory is saved."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.card import CARD, Card

from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.ladder import SAVINGS, apply
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.offload import OFFLOADS
from sketchdesk.engine.sampling.samplers import SAMPLERS
from sketchdesk.engine.sampling.source import Source

CPU = torch.device("cpu")
PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))
MASK = Image.fromarray(np.eye(32, dtype=np.uint8) * 255)


def drawn(model: StableDiffusion, source: Source | None = None, **settings) -> np.ndarray:
    """Draw two pictures with every option that moves numbers about, and look at each step's preview."""
    chosen = {"sampler": "euler_a", "guidance_rescale": 0.5, "clip_skip": 1, "prompt_weighting": True} | settings
    asked = DrawSettings(num_inference_steps=3, guidance_scale=3.0, width=32, height=32, **chosen)
    looked = []
    images = draw_batch(
        model, ["a (zebra:1.3)", "a house"], ["fog", ""], [1, 2], asked,
        lambda _done, _total, step: looked.append(step.clean().cpu()), source,
    ).images  # fmt: skip
    assert looked[-1].isfinite().all()
    return np.stack([np.asarray(image, int) for image in images])


@pytest.fixture
def card() -> Iterator[Card]:
    with Card() as entered:
        yield entered


@pytest.fixture
def on_card(tiny_sd, card) -> StableDiffusion:
    return load_stable_diffusion(tiny_sd, CARD, torch.float32)


@pytest.fixture(scope="module")
def on_cpu(tiny_sd) -> StableDiffusion:
    return load_stable_diffusion(tiny_sd, CPU, torch.float32)


def test_the_card_refuses_what_lies_elsewhere(card):
    with pytest.raises(RuntimeError, match="expected all tensors"):
        torch.ones(2, device=CPU).to(CARD) + torch.ones(2)


@pytest.mark.long
@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_every_sampler_draws_there(on_card, on_cpu, sampler):
    assert np.abs(drawn(on_card, sampler=sampler) - drawn(on_cpu, sampler=sampler)).max() <= 1


@pytest.mark.long
@pytest.mark.parametrize("mask", [None, MASK])
def test_pictures_are_drawn_from_there(on_card, on_cpu, mask):
    there, here = (drawn(model, Source(PICTURE, 0.7, mask)) for model in (on_card, on_cpu))
    assert np.abs(there - here).max() <= 1


@pytest.mark.parametrize(
    "saving", [saving if saving in OFFLOADS else pytest.param(saving, marks=pytest.mark.long) for saving in SAVINGS]
)
def test_every_way_of_saving_memory_works_there(on_card, on_cpu, saving):
    fast = {"fast": ("feature_caching", "guidance_cutoff"), "sequential_guidance": saving == "sequential_guidance"}
    apply(on_card, (saving,))
    there, here = (drawn(model, Source(PICTURE, 0.7, MASK), **fast) for model in (on_card, on_cpu))
    assert np.abs(there - here).max() <= 1
    apply(on_card, ())
    networks = (on_card.text_encoder, on_card.unet, on_card.vae)
    assert {tensor.device for network in networks for tensor in network.parameters()} == {CARD}
