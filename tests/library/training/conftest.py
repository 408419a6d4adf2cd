from __future__ import annotations

import pytest

from sketchdesk.library.models.facts import Level, ModelFacts
from sketchdesk.library.training.forecast import GIB


@pytest.fixture
def sd2() -> ModelFacts:
    """What the files of Stable Diffusion 2 say of its size."""
    return ModelFacts(
        unet_parameters=865_910_724, text_parameters=340_387_840, vae_parameters=83_653_863, sample_size_px=512,
        cell_px=8, latent_channels=4, vae_channels=128, text_width=1024, text_tokens=77, size_bytes=5 * GIB,
        levels=(Level(channels=320, layers=5, heads=5), Level(channels=640, layers=5, heads=10),
                Level(channels=1280, layers=5, heads=20), Level(channels=1280, layers=5, heads=0)),
    )  # fmt: skip
