"""What another program's picture says and cannot be had here is told, in the panel and before it is drawn again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.drawing.not_taken import not_taken
from sketchdesk.library.drawing.remake import Insistence, job_of
from sketchdesk.library.images.foreign import read_comfyui
from sketchdesk.library.images.infotext import read_infotext
from sketchdesk.library.images.record import ImageRecord

A1111 = "a castle\nSteps: 20, Sampler: Euler a, {more}CFG scale: 7, Seed: 1, Size: 512x512, Model: demo-base"
GRAPH = {
    "1": {"class_type": "KSampler", "inputs": {
        "seed": 5, "steps": 20, "cfg": 8, "sampler_name": "euler", "scheduler": "karras", "denoise": 0.4,
        "positive": ["2", 0], "negative": ["2", 0], "model": ["3", 0], "latent_image": ["4", 0],
    }},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a castle"}},
    "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "v1-5.safetensors"}},
    "4": {"class_type": "VAEEncode", "inputs": {"pixels": ["5", 0], "vae": ["3", 2]}},
    "5": {"class_type": "LoadImage", "inputs": {"image": "castle.png"}},
}  # fmt: skip


def a1111(more: str = "") -> ImageRecord:
    found = read_infotext(A1111.format(more=more), 512, 512)
    assert found is not None
    return found


def test_a_schedule_that_is_not_here_is_told_and_the_sampler_draws_without_it_where_one_insists():
    record = a1111("Schedule type: Karras, ")
    assert record.sampler == "Euler a Karras"
    (told,) = not_taken(record)
    assert "Euler a" in told
    assert "Karras" in told
    with pytest.raises(SketchDeskError) as caught:
        job_of(record, Path("out"))
    assert (caught.value.kind, caught.value.message) == (ErrorKind.CHANGED, told)
    assert job_of(record, Path("out"), Insistence(changed=True)).sampler == "euler_a"


def test_a_start_picture_that_is_missing_is_told_and_a_second_pass_is_none():
    record = a1111("Denoising strength: 0.4, ")
    assert record.strength == 0.4
    assert "strength of 0.4" in not_taken(record)[0]
    assert not_taken(a1111("Denoising strength: 0.4, Hires upscale: 2, ")) == []
    assert not_taken(a1111()) == []


def test_comfyuis_denoise_counts_where_the_noise_comes_from_a_picture():
    record = read_comfyui(json.dumps(GRAPH), 512, 512)
    assert record is not None
    assert record.strength == 0.4
    assert len(not_taken(record)) == 2
    empty = GRAPH | {"4": {"class_type": "EmptyLatentImage", "inputs": {"width": 512, "height": 512}}}
    drawn = read_comfyui(json.dumps(empty), 512, 512)
    assert drawn is not None
    assert drawn.strength == 1.0


def test_a_sampler_nobody_knows_is_told():
    assert "“Restart”" in not_taken(ImageRecord(
        prompt="", seed=1, num_inference_steps=1, guidance_scale=1.0, sampler="Restart", width=8, height=8, model="",
    ))[0]  # fmt: skip
