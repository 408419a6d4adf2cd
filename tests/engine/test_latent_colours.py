"""Latents as colours: right where a decoder is affine, near where it is not, and found once for each model."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from sketchdesk.demo.autoencoder import pixels
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.scenes import draw
from sketchdesk.engine import latent_colours
from sketchdesk.engine.draw import decode
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.paths import cache_dir


class AffineDecoder(nn.Module):
    """Every latent cell is one colour of 4 × 4 pixels; dark enough that nothing is clipped."""

    dtype = torch.float32

    def __init__(self, scaling_factor: float) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.colour = nn.Conv2d(3, 3, 1)
        nn.init.uniform_(self.colour.weight, -0.05, 0.05)
        self.config = SimpleNamespace(latent_channels=3, scaling_factor=scaling_factor)

    def decode(self, latents: torch.Tensor, return_dict: bool) -> tuple[torch.Tensor]:
        return (nn.functional.interpolate(self.colour(latents), scale_factor=4),)


def test_of_an_affine_decoder_its_own_numbers_are_found():
    vae = AffineDecoder(scaling_factor=0.5).requires_grad_(False)
    weights = latent_colours.fit(SimpleNamespace(vae=vae, device=torch.device("cpu")))
    slopes = vae.colour.weight[:, :, 0, 0].T.numpy() / 0.5 * 127.5
    np.testing.assert_allclose(weights[:3], slopes, atol=0.1)  # a picture's colours are whole numbers
    np.testing.assert_allclose(weights[3], (vae.colour.bias.numpy() + 1) * 127.5, atol=0.1)


def test_pictures_have_their_size_and_their_cells_colours():
    weights = np.array([[100.0, 0, 0], [0, 100.0, 0], [20, 30, 40]])
    latents = torch.zeros(1, 2, 3, 5)
    latents[0, 0, :, :2] = 2
    (picture,) = latent_colours.coloured(weights, latents, cell_px=8)
    assert picture.size == (40, 24)
    assert picture.getpixel((4, 12)) == (220, 30, 40)
    assert picture.getpixel((36, 12)) == (20, 30, 40)


@pytest.fixture(scope="module")
def demo_base():
    return load_stable_diffusion(resolve_model("demo-base"), torch.device("cpu"), torch.float32)


def test_pictures_of_the_demo_are_recognised_by_their_colours(demo_base):
    stream = scenes("held-out", 3, 0.3)
    with torch.no_grad():
        encoded = demo_base.vae.encode(pixels([draw(next(stream)) for _ in range(8)])).latent_dist.mean
    latents = encoded * demo_base.vae.config.scaling_factor
    seen = np.stack(latent_colours.coloured(latent_colours.fit(demo_base), latents, 1)).astype(float)
    whole = decode(demo_base.vae, latents)
    true = np.stack([picture.resize(latents.shape[2:], Image.Resampling.BOX) for picture in whole]).astype(float)
    unexplained = ((seen - true) ** 2).sum() / ((true - true.mean(axis=(0, 1, 2))) ** 2).sum()
    assert unexplained < 0.3


def test_a_map_is_kept_and_a_damaged_one_is_found_anew(demo_base):
    weights = latent_colours.latent_colours(demo_base)
    (kept,) = (cache_dir() / latent_colours.FOLDER).glob("*.json")
    kept.write_text(json.dumps((weights + 1).tolist()))
    np.testing.assert_array_equal(latent_colours.latent_colours(demo_base), weights + 1)
    kept.write_text("[[1.0")
    np.testing.assert_allclose(latent_colours.latent_colours(demo_base), weights)
    assert len(json.loads(kept.read_text())) == 25
