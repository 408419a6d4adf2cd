"""Files that are not what they were when they drew a picture: found, named, and drawn with only if insisted on."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.drawing import made_with
from sketchdesk.library.drawing.made_with import Checker
from sketchdesk.library.drawing.remake import Insistence, job_of, jobs_of
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.adapter_files import lora_hash
from sketchdesk.library.models.notes import file_sha256
from sketchdesk.library.models.tiny_decoder import FOLDER

QUERY = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q"
INSIST = Insistence(changed=True)


@pytest.fixture
def model(tiny_sd, tmp_path) -> Path:
    """A copy, to be changed."""
    return shutil.copytree(tiny_sd, tmp_path / "my model")


@pytest.fixture
def lora(tmp_path) -> Path:
    return write_lora(tmp_path / "style.safetensors", 0)


@pytest.fixture
def word(tmp_path) -> Path:
    path = tmp_path / "ink.safetensors"
    save_file({"emb_params": torch.randn(2, 32, generator=torch.Generator().manual_seed(1))}, path)
    return path


@pytest.fixture(autouse=True)
def cold():
    yield
    generate.forget_models()


def write_lora(path: Path, seed: int) -> Path:
    generator = torch.Generator().manual_seed(seed)
    up, down = torch.randn(64, 4, generator=generator), torch.randn(4, 64, generator=generator)
    save_file({f"{QUERY}.lora_up.weight": up, f"{QUERY}.lora_down.weight": down}, path)
    return path


def draw(job: GenerateJob) -> list[Path]:
    generate.run(job, Reporter(lambda event: None))
    return sorted(Path(job.out_dir).glob("*.png"))


def drawn(model: Path, out: Path, **settings) -> Path:
    defaults = {"num_inference_steps": 3, "guidance_scale": 5.0, "precision": "fp32", "num_threads": 1}
    job = GenerateJob(
        model=str(model), prompts=(PromptRow(prompt="a cat in ink"),), out_dir=str(out), **defaults | settings
    )
    return draw(job)[-1]


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def refusal(record: ImageRecord, out: Path, *insisted: Insistence) -> SketchDeskError:
    with pytest.raises(SketchDeskError) as caught:
        job_of(record, out, *insisted)
    return caught.value


def test_a_picture_remembers_the_checksums_of_all_that_made_it(model, lora, word, tmp_path):
    record = read_record(drawn(model, tmp_path / "a", loras=(LoraUse(path=str(lora)),), embeddings=(str(word),)))
    assert record.lora_hashes == (hashlib.sha256(lora.read_bytes()).hexdigest(),)
    assert record.embedding_hashes == (hashlib.sha256(word.read_bytes()).hexdigest(),)
    assert len(record.model_hash) == 64
    assert Checker().changes(record) == []


@pytest.mark.parametrize("which", ["model", "lora", "word"])
def test_a_changed_file_is_named_and_drawn_with_only_when_insisted(model, lora, word, tmp_path, which):
    uses = {"loras": (LoraUse(path=str(lora)),), "embeddings": (str(word),)}
    first = drawn(model, tmp_path / "a", **uses)
    record = read_record(first)
    (again,) = draw(job_of(record, tmp_path / "b"))
    assert np.array_equal(pixels(again), pixels(first))

    if which == "model":
        weights = model / "unet" / "diffusion_pytorch_model.safetensors"
        save_file({name: value * 1.5 for name, value in load_file(weights).items()}, weights)
    elif which == "lora":
        write_lora(lora, 5)
    else:
        save_file({"emb_params": torch.ones(2, 32)}, word)
    error = refusal(record, tmp_path / "c")
    assert error.kind is ErrorKind.CHANGED
    assert {"model": "my model", "lora": lora.name, "word": word.name}[which] in error.message
    (other,) = draw(job_of(record, tmp_path / "c", INSIST))
    assert not np.array_equal(pixels(other), pixels(first))


def test_all_that_changed_is_told_once_for_many_pictures(model, lora, tmp_path):
    record = read_record(drawn(model, tmp_path / "a", loras=(LoraUse(path=str(lora)),)))
    other = msgspec.structs.replace(record, seed=9, batch_seeds=(9,))
    write_lora(lora, 5)
    (model / "unet" / "config.json").write_text("{}")
    with pytest.raises(SketchDeskError) as caught:
        jobs_of([record, other], tmp_path / "b")
    assert caught.value.details.splitlines() == [
        "The model “my model” has changed since it drew this picture.",
        "“style.safetensors” has changed since this picture was drawn with it.",
    ]
    assert len(jobs_of([record, other], tmp_path / "b", INSIST)) == 2


def test_the_models_own_scheduler_draws_again_with_its_own_settings(model, tmp_path):
    """PNDM with its Runge-Kutta start is another sampler than the PLMS that goes by the same name."""
    file = model / "scheduler" / "scheduler_config.json"
    config = json.loads(file.read_text()) | {"skip_prk_steps": False, "beta_end": 0.02}
    file.write_text(json.dumps(config))
    first = drawn(model, tmp_path / "a", num_inference_steps=6)
    record = read_record(first)
    assert record.own_sampler
    assert (record.sampler, record.scheduler["skip_prk_steps"], record.scheduler["beta_end"]) == ("pndm", False, 0.02)
    (again,) = draw(job_of(record, tmp_path / "b"))
    assert np.array_equal(pixels(again), pixels(first))
    (named,) = draw(job_of(msgspec.structs.replace(record, own_sampler=False), tmp_path / "c"))
    assert not np.array_equal(pixels(named), pixels(first))
    with pytest.raises(SketchDeskError, match="cannot draw in 3 steps"):
        drawn(model, tmp_path / "d", num_inference_steps=3)


def test_a_scheduler_that_has_no_name_here_draws_again_too(model, tmp_path):
    file = model / "scheduler" / "scheduler_config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"_class_name": "DEISMultistepScheduler"}))
    first = drawn(model, tmp_path / "a")
    (again,) = draw(job_of(read_record(first), tmp_path / "b"))
    assert np.array_equal(pixels(again), pixels(first))


def test_a_file_is_read_once_however_many_pictures_it_made(model, tmp_path, monkeypatch):
    record = read_record(drawn(model, tmp_path / "a"))
    asked = []
    original = made_with.model_hash

    def counted(path, tell=None):
        asked.append(path)
        return original(path, tell)

    monkeypatch.setattr(made_with, "model_hash", counted)
    checker = Checker()
    for seed in range(3):
        assert checker.changes(msgspec.structs.replace(record, seed=seed)) == []
    assert asked == [model]


def test_another_tiny_decoder_is_told(model, tmp_path):
    from diffusers import AutoencoderTiny

    def write(width: int) -> None:
        shape = {"encoder_block_out_channels": (width,) * 2, "decoder_block_out_channels": (width,) * 2}
        blocks = {"num_encoder_blocks": (1, 1), "num_decoder_blocks": (1, 1)}
        AutoencoderTiny(**shape, **blocks).save_pretrained(model / FOLDER)

    write(8)
    record = read_record(drawn(model, tmp_path / "a", fast=("tiny_decoder",)))
    assert len(record.decoder_hash) == 64
    alone = msgspec.structs.replace(record, model_hash="")  # it lies inside the model's folder, which changes too
    assert Checker().changes(alone) == []
    write(16)
    assert ["tiny decoder" in change for change in Checker().changes(alone)] == [True]


def test_other_programs_short_checksums_are_compared_as_far_as_they_go(tmp_path):
    path = tmp_path / "v1-5.safetensors"
    save_file({"x": torch.ones(2)}, path)
    whole = file_sha256(path)
    record = ImageRecord(
        prompt="a cat", seed=1, num_inference_steps=2, guidance_scale=3, sampler="ddim", width=32, height=32,
        model=str(path), model_hash=whole[:10].upper(),
    )  # fmt: skip
    assert Checker().changes(record) == []
    for wrong, changes in (("0123456789", 1), ("81761151", 0)):  # eight digits are of another kind of checksum
        assert len(Checker().changes(msgspec.structs.replace(record, model_hash=wrong))) == changes


def test_a_lora_counts_otherwise_when_pefts_settings_beside_it_change(lora):
    alone = lora_hash(lora)
    settings = lora.with_name("adapter_config.json")
    settings.write_text('{"lora_alpha": 4}')
    with_settings = lora_hash(lora)
    settings.write_text('{"lora_alpha": 16}')
    assert len({alone, with_settings, lora_hash(lora)}) == 3


def test_pickles_are_read_again_only_when_the_person_says_so_again(tiny_sd, tmp_path):
    copy = shutil.copytree(tiny_sd, tmp_path / "old")
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save(load_file(weights), copy / "unet" / "diffusion_pytorch_model.bin")
    weights.unlink()
    first = drawn(copy, tmp_path / "a", allow_pickle=True)
    record = read_record(first)
    assert refusal(record, tmp_path / "b").kind is ErrorKind.UNSAFE_WEIGHTS
    assert refusal(record, tmp_path / "b", INSIST).kind is ErrorKind.UNSAFE_WEIGHTS
    (again,) = draw(job_of(record, tmp_path / "b", Insistence(allow_pickle=True)))
    assert np.array_equal(pixels(again), pixels(first))


def test_allowing_pickles_changes_nothing_for_pictures_that_need_none(model, tmp_path):
    record = read_record(drawn(model, tmp_path / "a"))
    assert not job_of(record, tmp_path / "b", Insistence(allow_pickle=True)).allow_pickle
