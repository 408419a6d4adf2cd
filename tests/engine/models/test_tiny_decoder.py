"""Tiny decoders: found beside a model or in the data folder, used where a job says so, told of where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import AutoencoderTiny
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.drawing.remake import job_of
from sketchdesk.library.images.metadata import read_record


def tiny_decoder(latent_channels: int = 4, blocks: tuple[int, ...] = (1, 1)) -> AutoencoderTiny:
    torch.manual_seed(0)
    channels = (16,) * len(blocks)
    return AutoencoderTiny(
        encoder_block_out_channels=channels, decoder_block_out_channels=channels, latent_channels=latent_channels,
        num_encoder_blocks=blocks, num_decoder_blocks=blocks,
    )  # fmt: skip


@pytest.fixture
def model(tiny_sd: Path, tmp_path: Path):
    """A model folder that one may add to."""
    yield shutil.copytree(tiny_sd, tmp_path / "model")
    generate.forget_models()


def draw(model: Path, out: Path, **settings) -> Path:
    job = GenerateJob(
        model=str(model), prompts=(PromptRow(prompt="a zebra"),), out_dir=str(out), num_inference_steps=2,
        precision="fp32", num_threads=1, **settings,
    )  # fmt: skip
    return drawn(job)


def drawn(job: GenerateJob) -> Path:
    events: list = []
    generate.run(job, Reporter(events.append))
    return next(Path(event.path) for event in events if isinstance(event, ImageSaved))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def test_a_picture_is_made_by_the_models_own_tiny_decoder_and_made_again(model, tmp_path):
    exact = draw(model, tmp_path / "exact")
    tiny_decoder().save_pretrained(model / "tiny_decoder")
    fast = draw(model, tmp_path / "fast", fast=("tiny_decoder",))
    assert pixels(fast).shape == pixels(exact).shape
    assert not np.array_equal(pixels(fast), pixels(exact))
    record = read_record(fast)
    assert record.fast == ("tiny_decoder",)
    assert np.array_equal(pixels(drawn(job_of(record, tmp_path / "again"))), pixels(fast))
    assert np.array_equal(pixels(draw(model, tmp_path / "exact again")), pixels(exact))


def test_without_one_the_job_is_refused_before_the_model_is_loaded(model, tmp_path):
    (model / "unet" / "diffusion_pytorch_model.safetensors").rename(model / "unet" / "elsewhere.safetensors")
    with pytest.raises(SketchDeskError, match="tiny decoder") as refused:
        draw(model, tmp_path / "out", fast=("tiny_decoder",))
    assert refused.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize("wrong", [tiny_decoder(latent_channels=8), tiny_decoder(blocks=(1, 1, 1))])
def test_one_for_other_latents_or_another_size_is_refused(model, tmp_path, wrong):
    wrong.save_pretrained(model / "tiny_decoder")
    with pytest.raises(SketchDeskError, match="other models"):
        draw(model, tmp_path / "out", fast=("tiny_decoder",))


def test_a_models_own_that_says_it_is_for_xl_is_refused(model, tmp_path):
    tiny_decoder().save_pretrained(model / "tiny_decoder")
    config = model / "tiny_decoder" / "config.json"
    config.write_text(config.read_text().replace("{", '{"_name_or_path": "madebyollin/taesdxl",', 1))
    with pytest.raises(SketchDeskError, match="other models"):
        draw(model, tmp_path / "out", fast=("tiny_decoder",))


def test_a_broken_one_is_told_as_such(model, tmp_path):
    tiny_decoder().save_pretrained(model / "tiny_decoder")
    (model / "tiny_decoder" / "diffusion_pytorch_model.safetensors").write_bytes(b"torn")
    with pytest.raises(SketchDeskError) as refused:
        draw(model, tmp_path / "out", fast=("tiny_decoder",))
    assert refused.value.kind is ErrorKind.MODEL_UNREADABLE
