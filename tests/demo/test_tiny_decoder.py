"""demo-base's tiny decoder: it learns from the autoencoder, and the one that ships draws nearly what that draws."""

from __future__ import annotations

import re

import pytest
import torch
from diffusers import AutoencoderKL, AutoencoderTiny

from sketchdesk.demo import tiny_decoder
from sketchdesk.demo.fit import FitRecipe
from sketchdesk.library.models.tiny_decoder import FOLDER, find_tiny_decoder
from sketchdesk.library.paths import resource


@pytest.fixture(scope="module")
def vae() -> AutoencoderKL:
    return AutoencoderKL.from_pretrained(resource("models/demo-base"), subfolder="vae", torch_dtype=torch.float32)


def test_it_learns_and_goes_on_where_it_was_stopped(vae, tmp_path):
    told: list[str] = []
    recipe = FitRecipe(steps=8, learning_rate=0.03, warmup_steps=1, decay_share=0.1, log_every=2, ema_decay=0.5)
    tiny_decoder.train(vae.requires_grad_(False), tmp_path, told.append, recipe)
    losses = [float(re.search(r"loss ([\d.]+)", line)[1]) for line in told]
    assert len(losses) == 4
    assert losses[-1] < losses[0] / 2
    told.clear()
    tiny_decoder.train(vae, tmp_path, told.append, recipe)
    assert told == ["resuming at step 8 of 8"]


def test_the_one_that_ships_draws_nearly_what_the_autoencoder_draws(vae):
    base = resource("models/demo-base")
    assert find_tiny_decoder(base) == base / FOLDER
    tiny = AutoencoderTiny.from_pretrained(base, subfolder=FOLDER, torch_dtype=torch.float32)
    sizes = [sum(weight.numel() for weight in network.parameters()) for network in (tiny.decoder, vae.decoder)]
    assert sizes[0] < sizes[1] / 5
    assert tiny_decoder.psnr_db(tiny, vae, style_share=0.0, count=16) > 25
    assert tiny_decoder.psnr_db(tiny, vae, style_share=1.0, count=16) > 20
