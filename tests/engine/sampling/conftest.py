from __future__ import annotations

from pathlib import Path

import pytest
import torch

from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion


@pytest.fixture(scope="module")
def model(tiny_sd: Path) -> StableDiffusion:
    return load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
