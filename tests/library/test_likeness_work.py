"""What a comparison by the decoder costs, against Stable Diffusion's networks counted layer by layer."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.likeness_work import likeness_bytes, likeness_passes
from sketchdesk.library.model_facts import Level, ModelFacts

SD2 = ModelFacts(
    unet_parameters=865_910_724, text_parameters=340_387_840, vae_parameters=83_653_863, sample_size_px=512, cell_px=8,
    latent_channels=4, vae_channels=128, text_width=1024, text_tokens=77, size_bytes=2_580_000_000,
    levels=(
        Level(channels=320, layers=5, heads=5), Level(channels=640, layers=5, heads=10),
        Level(channels=1280, layers=5, heads=20), Level(channels=1280, layers=5, heads=0),
    ),
)  # fmt: skip
JOB = DistillJob(model="m", out_dir="o")
LPIPS = msgspec.structs.replace(JOB, lpips_weights="lpips.safetensors")


@pytest.mark.parametrize(("side", "unet"), [(256, 181e9), (512, 804e9)])
def test_passes_are_those_of_the_counted_layers(side, unet):
    """FLOPs by torch's counter: U-Net as named, the features' layers 261 G and the whole decoder 622 G at 256 pixels."""
    scale = (side / 256) ** 2
    assert likeness_passes(JOB, SD2, side) == pytest.approx(3 * 261e9 * scale / unet, rel=0.05)
    assert likeness_passes(LPIPS, SD2, side) == pytest.approx(4 * 622e9 * scale / unet, rel=0.05)


def test_none_where_no_likeness_is_asked_for():
    plain = msgspec.structs.replace(JOB, feature_weight=0.0)
    assert likeness_passes(plain, SD2, 256) == 0
    assert likeness_bytes(plain, SD2, 256, half=True) == 0
