"""The recipe of demo-flow, at a few steps of a tiny teacher: built, gone on with, and packed as it ships."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image

from sketchdesk.contracts.events import Event, ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.demo import flow
from sketchdesk.demo.base import halve
from sketchdesk.demo.dataset import REPORT_COMBINATIONS
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS, article
from sketchdesk.engine import generate
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models import whole_models
from sketchdesk.library.models.installed import describe, list_models, resolve_model
from sketchdesk.library.models.weights import safetensors_header
from sketchdesk.library.paths import models_dir

BASE = "tiny-base"


@pytest.fixture
def teacher(tiny_sd: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tiny model that stands for a shipped one, in fp16 as these are."""
    monkeypatch.setattr(whole_models, "SHIPPED", (BASE,))
    return halve(tiny_sd, models_dir() / BASE)


def test_its_captions_name_every_noun_and_show_nothing_held_out() -> None:
    said = flow.captions()
    assert len(said) == len(set(said)) == 3 * len(NOUNS) + flow.SETTINGS + flow.PAIRS
    assert {article(noun) for noun in NOUNS} <= set(said)
    assert sum(" and " in each for each in said) == flow.PAIRS
    assert not {f"{article(noun)} {SETTINGS[place]}" for noun, place in REPORT_COMBINATIONS if place in SETTINGS} & {
        *said
    }


def test_built_stopped_and_packed_it_draws_as_the_whole_model_does(teacher: Path, tmp_path: Path) -> None:
    recipe = msgspec.structs.replace(
        flow.RECIPE, model=str(teacher), prompts=("a dog", "a cat"), num_pairs=4, num_held_out_pairs=0,
        num_inference_steps=2, reflow_steps=1, distil_steps=1, train_batch_size=2, feature_weight=0.0,
        lr_warmup_steps=0, validation_prompts=(), precision="fp32", num_threads=1, device="cpu",
    )  # fmt: skip
    told: list[str] = []
    built = flow.build(tmp_path / "work", tmp_path / "models", told.append, recipe)
    assert "distillation" in told
    assert built == tmp_path / "models" / "demo-flow"
    again: list[str] = []
    assert flow.build(tmp_path / "work", tmp_path / "models", again.append, recipe) == built
    assert any("step 2 of 2" in line for line in again)

    packed = flow.pack(built, tmp_path / "shipped" / "demo-flow", BASE)
    assert {path.name for path in packed.iterdir() if path.is_dir()} == {"unet", "scheduler"}
    header = safetensors_header(packed / "unet" / "diffusion_pytorch_model.safetensors")
    assert {entry["dtype"] for entry in header.values() if "dtype" in entry} == {"F16"}
    assert drawn(packed, tmp_path / "a") == drawn(built, tmp_path / "b")
    entry = describe("flow", packed, "shipped")
    assert (entry.family, entry.problem, entry.precision) == ("instaflow", "", "fp16")
    whole = resolve_model(str(packed))
    assert AutoencoderKL.from_pretrained(whole / "vae").config.latent_channels == 4
    assert UNet2DConditionModel.from_pretrained(whole / "unet").config.sample_size == 16


def test_a_packed_folder_among_the_models_is_listed_without_a_problem(teacher: Path) -> None:
    flow.pack(teacher, models_dir() / "demo-flow", BASE)
    listed = {entry.name: entry.problem for entry in list_models()}
    assert listed[str(models_dir() / "demo-flow")] == ""


def drawn(model: Path, out: Path) -> list[bytes]:
    """The pictures' pixels in one step."""
    job = GenerateJob(
        model=str(model), prompts=(PromptRow(prompt="a dog", seed=3),), out_dir=str(out), num_inference_steps=1,
        device="cpu", precision="fp32", num_threads=1,
    )  # fmt: skip
    saved: list[Event] = []
    generate.run(job, Reporter(saved.append))
    return [Image.open(event.path).tobytes() for event in saved if isinstance(event, ImageSaved)]
