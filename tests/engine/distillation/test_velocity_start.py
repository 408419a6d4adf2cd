"""A velocity student begins with the teacher's times and the best last layer."""

from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel
from torch import nn

from sketchdesk.engine.distillation.velocity_start import fit_last_layer, map_times
from sketchdesk.library.paths import resource


@pytest.mark.skipif(not resource("models/demo-base").is_dir(), reason="the demo's models are not in this checkout")
def test_the_time_embedding_of_1000_s_becomes_that_of_tau(closed):
    """Of a trained U-Net: one that was never trained tells times apart as no trained one does."""
    unet = UNet2DConditionModel.from_pretrained(resource("models/demo-base/unet")).float().requires_grad_(False)
    s = torch.tensor([0.1, 0.5, 0.9])
    wanted = unet.time_embedding(unet.time_proj(closed.path.tau(s).float()))
    before = unet.time_embedding(unet.time_proj(1000 * s))
    left = map_times(unet, closed.path)
    after = unet.time_embedding(unet.time_proj(1000 * s))
    assert left < 0.02
    assert (after - wanted).norm() < 0.1 * (before - wanted).norm()


def test_the_last_layer_becomes_the_one_that_gives_the_wanted_answers():
    torch.manual_seed(0)
    wanted, layer = nn.Conv2d(3, 2, 3, padding=1), nn.Conv2d(3, 2, 3, padding=1)
    batches = torch.randn(4, 2, 3, 8, 8)
    with torch.no_grad():
        fit_last_layer(layer, [(lambda batch=batch: layer(batch), wanted(batch)) for batch in batches])
        assert (layer(batches[0]) - wanted(batches[0])).abs().max().item() == pytest.approx(0, abs=1e-4)
