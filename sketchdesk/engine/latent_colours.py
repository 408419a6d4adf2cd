"""Latents seen as colours without any network: an affine map from a latent cell to the mean colour of its pixels.

Other programs publish such a map for each family; here it is fitted to the model that draws. A model's latents have
about unit deviation, which is what its scaling factor is for: such noise, decoded once, shows what they mean.
"""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from sketchdesk.contracts.reading import reader
from sketchdesk.engine.draw import decode
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.models.notes import file_state
from sketchdesk.library.paths import cache_dir

FOLDER = "latent-colours"
"""Of the cache."""
SIDE_CELLS = 16
CELLS_A_WEIGHT = 40
"""So many cells are decoded for each number that a colour is made of."""

Weights = NDArray[np.floating]
"""[C + 1, 3]: what each latent channel adds to red, green and blue in 0..255, and where they begin."""


def latent_colours(model: StableDiffusion) -> Weights:
    """Return a model's map: the one in the cache, else it is fitted and kept there.

    Raises SketchDeskError for a VAE that decodes noise to no picture, RuntimeError or MemoryError without room for it,
    OSError for a model that is gone.
    """
    kept = cache_dir() / FOLDER / f"{_fingerprint(model.folder)}.json"
    shape = (int(model.vae.config.latent_channels) + 1, 3)
    try:
        weights = np.array(reader(list[list[float]]).decode(kept.read_bytes()))
        if weights.shape == shape:
            return weights
    except (OSError, ValueError, msgspec.MsgspecError):
        pass  # none yet, or damaged
    weights = fit(model)
    write_json(kept, weights.tolist())
    return weights


def fit(model: StableDiffusion) -> Weights:
    """Return the least-squares map from noise to what the model's VAE decodes it to; raises as latent_colours does."""
    channels = int(model.vae.config.latent_channels)
    count = math.ceil(CELLS_A_WEIGHT * (channels + 1) / SIDE_CELLS**2)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(count, channels, SIDE_CELLS, SIDE_CELLS, generator=generator)
    pictures = [decode(model.vae, one[None].to(model.device))[0] for one in noise]
    means = [picture.resize((SIDE_CELLS, SIDE_CELLS), Image.Resampling.BOX) for picture in pictures]
    colours = np.stack([np.asarray(mean, dtype=np.float64) for mean in means])
    weights: Weights = np.linalg.lstsq(_cells(noise).reshape(-1, channels + 1), colours.reshape(-1, 3))[0]
    return weights


def coloured(weights: Weights, latents: Tensor, cell_px: int) -> list[Image.Image]:
    """Return scaled latents [B, C, h, w] as pictures of h·cell_px by w·cell_px, their cells blurred into each other."""
    colours = (_cells(latents) @ weights).clip(0, 255).round().astype(np.uint8)
    size = (latents.shape[3] * cell_px, latents.shape[2] * cell_px)
    return [Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC) for picture in colours]


def _cells(latents: Tensor) -> NDArray[np.float64]:
    """Return latents [B, C, h, w] as cells [B, h, w, C + 1], the last number of each 1."""
    cells = latents.detach().double().cpu().permute(0, 2, 3, 1).numpy()
    return np.concatenate([cells, np.ones((*cells.shape[:3], 1))], axis=3)


def _fingerprint(model: Path) -> str:
    return hashlib.sha256(repr([str(model.resolve()), file_state(model)]).encode()).hexdigest()[:16]
