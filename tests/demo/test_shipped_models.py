"""The models that ship: small, safe, stock, and good enough to be believed. The full figures: tests/benchmarks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionPipeline
from transformers import BlipForConditionalGeneration, CLIPModel

from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.demo import judge
from sketchdesk.demo.cards import CARD_FILE
from sketchdesk.demo.scenes import draw
from sketchdesk.demo.vocabulary import article
from sketchdesk.engine import generate
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.blip import Captioner
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models.installed import SHIPPED, list_models
from sketchdesk.library.models.weights import safetensors_header
from sketchdesk.library.paths import resource

MODELS = resource("models")


@pytest.fixture(scope="module")
def clip() -> ClipScorer:
    return ClipScorer.load(MODELS / "demo-clip", place("cpu", "fp32"))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_model_is_safe_half_precision_and_has_a_card(name):
    files = list((MODELS / name).rglob("*.safetensors"))
    kinds = {tensor["dtype"] for file in files for key, tensor in safetensors_header(file).items() if "dtype" in tensor}
    assert "F16" in kinds
    assert "F32" not in kinds
    card = (MODELS / name / CARD_FILE).read_text(encoding="utf-8")
    assert "license: apache-2.0" in card
    assert "## Measured quality" in card


def test_the_list_of_models_shows_them_without_a_problem():
    shipped = {entry.name: entry for entry in list_models() if entry.origin == "shipped"}
    assert set(shipped) == set(SHIPPED)
    assert [entry.problem for entry in shipped.values()] == [""] * len(SHIPPED)
    assert sum(file.stat().st_size for file in MODELS.rglob("*") if file.is_file()) <= 90e6
    assert shipped["demo-flow"].teacher == "demo-base"
    assert shipped["demo-base"].prediction_type == "epsilon"


def test_the_models_load_in_the_stock_libraries():
    assert isinstance(CLIPModel.from_pretrained(MODELS / "demo-clip"), CLIPModel)
    blip = BlipForConditionalGeneration.from_pretrained(MODELS / "demo-blip")
    assert isinstance(blip, BlipForConditionalGeneration)


def test_the_engine_draws_what_the_stock_pipeline_draws(tmp_path):
    stock = StableDiffusionPipeline.from_pretrained(MODELS / "demo-base", dtype=torch.float32)
    stock.set_progress_bar_config(disable=True)
    expected = stock(
        "a zebra", num_inference_steps=10, guidance_scale=3.0, generator=torch.Generator("cpu").manual_seed(4)
    ).images[0]
    (ours,) = drawn(["a zebra"], tmp_path, seed=4, num_inference_steps=10, guidance_scale=3.0)
    difference = np.abs(np.asarray(expected, np.int16) - np.asarray(ours, np.int16))
    assert difference.max() <= 2  # of 255: rounding


def test_drawn_things_are_what_was_asked_for(tmp_path, clip):
    expected = [scene.nouns for scene in judge.measured_scenes("single", "colour", 16)]
    pictures = drawn([article(noun) for (noun,) in expected], tmp_path)
    assert judge.share_named(judge.template_scores(pictures, "colour"), expected) >= 0.85
    assert judge.share_named(judge.noun_scores(clip, pictures, "colour"), expected) >= 0.85


def test_one_step_of_demo_flow_draws_what_was_asked_for(tmp_path):
    expected = [scene.nouns for scene in judge.measured_scenes("single", "colour", 16)]
    pictures = drawn([article(noun) for (noun,) in expected], tmp_path, model="demo-flow", num_inference_steps=1)
    assert judge.share_named(judge.template_scores(pictures, "colour"), expected) >= 0.75


def test_demo_clip_names_real_pictures_in_both_styles(clip):
    for style in judge.STYLES:
        scenes = judge.measured_scenes("single", style, 30)
        scores = judge.noun_scores(clip, [draw(scene) for scene in scenes], style)
        assert judge.share_named(scores, [scene.nouns for scene in scenes]) >= 0.95


def test_demo_blip_tells_things_and_style():
    scenes = [scene for style in judge.STYLES for scene in judge.measured_scenes("single", style, 20)]
    captioner = Captioner.load(MODELS / "demo-blip", place("cpu", "fp32"))
    captions = captioner.captions([draw(scene) for scene in scenes], 30)
    assert judge.share_captioned(captions, scenes) >= 0.85
    assert judge.share_in_style(captions, scenes) >= 0.95


def drawn(prompts: list[str], folder: Path, seed: int = 0, model: str = "demo-base", **settings) -> list:
    from PIL import Image

    rows = tuple(PromptRow(prompt=prompt, seed=seed + n) for n, prompt in enumerate(prompts))
    job = GenerateJob(model=model, prompts=rows, out_dir=str(folder), precision="fp32", **settings)
    events: list = []
    generate.run(job, Reporter(events.append))
    return [Image.open(event.path).convert("RGB") for event in events if isinstance(event, ImageSaved)]
