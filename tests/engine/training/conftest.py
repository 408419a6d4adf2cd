"""Pictures to train on, and the tiny model loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image, ImageDraw

from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion


@pytest.fixture(scope="module")
def tiny_model(tiny_sd: Path) -> StableDiffusion:
    """The tiny model on the CPU in fp32; not to be trained."""
    return load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)


@pytest.fixture(scope="session")
def balls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures of balls with captions."""
    folder = tmp_path_factory.mktemp("balls")
    for number, colour in enumerate(("red", "green", "blue", "white", "black", "yellow")):
        picture = Image.new("RGB", (32, 32), "grey")
        ImageDraw.Draw(picture).ellipse((6, 6, 26, 26), fill=colour)
        picture.save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"a {colour} ball")
    return folder
