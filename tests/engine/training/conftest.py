"""Pictures to train on, and the tiny model loaded."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion


@pytest.fixture(scope="module")
def tiny_model(tiny_sd: Path) -> StableDiffusion:
    """The tiny model on the CPU in fp32; not to be trained."""
    return load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
