"""What drew an image, in one name."""

from __future__ import annotations

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
