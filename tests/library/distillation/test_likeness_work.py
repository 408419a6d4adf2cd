"""What a comparison by the decoder costs, against Stable Diffusion's networks counted layer by layer."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.distillation.likeness_work import likeness_bytes, likeness_passes
from sketchdesk.library.models.facts import Level, ModelFacts

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


@pytest.mark.parametrize(
    ("side", "unet", "features", "decoder"), [(256, 181.1, 265.3, 622.2), (512, 804.3, 1087.0, 2515.0)]
)
def test_passes_are_those_of_the_counted_layers(side, unet, features, decoder):
    """GFLOPs by torch's counter on the networks themselves."""
    assert likeness_passes(JOB, SD2, side) == pytest.approx(3 * features / unet, rel=0.05)
    assert likeness_passes(LPIPS, SD2, side) == pytest.approx(4 * decoder / unet, rel=0.05)


def test_none_where_no_likeness_is_asked_for():
    for changes in ({"feature_weight": 0.0}, {"distil_steps": 0}, {"distil_steps": 0, "matching_pairs_weight": 0.0}):
        plain = msgspec.structs.replace(JOB, **changes)
        assert (likeness_passes(plain, SD2, 256), likeness_bytes(plain, SD2, 256)) == (0, 0)


def test_it_keeps_what_was_seen():
    """Bytes that autograd's hooks counted in bf16, and as much again for one layer that is computed once more."""
    again = msgspec.structs.replace(JOB, gradient_checkpointing=True)
    one = {"train_batch_size": 1}
    kept = likeness_bytes(msgspec.structs.replace(JOB, **one), SD2, 256)
    assert kept == pytest.approx(0.287 * 2**30, rel=0.1)
    assert likeness_bytes(msgspec.structs.replace(again, **one), SD2, 256) < kept / 2
    assert likeness_bytes(again, SD2, 512) == pytest.approx(4 * likeness_bytes(again, SD2, 256))
