"""What drew an image, in one name."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.images.record import ImageRecord, short_model


def record(model: str, *loras: LoraUse) -> ImageRecord:
    return ImageRecord(
        prompt="x", seed=1, num_inference_steps=1, guidance_scale=None, sampler="", width=1, height=1, model=model,
        loras=loras,
    )  # fmt: skip


def test_loras_belong_to_the_name_with_their_weight_where_it_is_not_1():
    assert record("base").model_label == "base"
    loras = (LoraUse(path="/x/ink.safetensors"), LoraUse(path="wash", weight=0.5))
    assert record("base", *loras).model_label == "base + ink + wash (0.5)"


def test_the_speed_goes_by_the_steps_that_were_taken():
    timed = msgspec.structs.replace(record("base"), num_inference_steps=20, denoise_s=2.0)
    assert timed.steps_per_s == 10
    assert msgspec.structs.replace(timed, init_image="a.png", strength=0.5).steps_per_s == 5  # not noted in older ones
    assert msgspec.structs.replace(timed, init_image="a.png", strength=0.5, steps_taken=21).steps_per_s == 10.5
    assert msgspec.structs.replace(timed, denoise_s=0.0).steps_per_s is None
    assert msgspec.structs.replace(timed, num_inference_steps=None).steps_per_s is None


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("demo-base", "demo-base"), ("runwayml/stable-diffusion-v1-5", "stable-diffusion-v1-5"), ("", ""),
        ("/home/a/training/ink/model", "ink"), ("C:\\runs\\ink\\model", "ink"), ("model", "model"),
        ("/m/photo.safetensors + ink (0.8)", "photo + ink (0.8)"), ("/m/old.ckpt", "old"), ("/m/folder/", "folder"),
    ],
)  # fmt: skip
def test_models_are_called_as_people_call_them(label, short):
    assert short_model(label) == short
