"""The recipe of the reward CLIP, at a few steps: it resumes, and what it builds scores and is not the judge."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformers import CLIPModel

from sketchdesk.demo import clip, reward_clip
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.library.models.installed import BUILT, resolve_model
from sketchdesk.library.paths import models_dir

CPU = Placement(torch.device("cpu"), torch.float32, 1)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(clip, "SCENES_PER_BATCH", 6)
    monkeypatch.setattr(clip, "TWINS_PER_BATCH", 2)
    return replace(clip.RECIPE, steps=2, log_every=1)


def test_it_is_built_where_a_job_finds_it_and_scores(few, tmp_path):
    said: list[str] = []
    built = reward_clip.build(tmp_path, models_dir(), said.append, few)
    assert built.name in BUILT
    assert resolve_model("demo-reward-clip") == built
    assert sum("loss" in line for line in said) == 2
    model = CLIPModel.from_pretrained(built)
    assert model.config.vision_config.patch_size != clip.VISION_SHAPE["patch_size"]
    assert ClipScorer.load(built, CPU).text_embeddings(["a zebra"]).shape == (1, reward_clip.REWARD.projection)


def test_stopped_and_started_again_it_does_not_begin_anew(few, tmp_path):
    reward_clip.build(tmp_path, tmp_path / "models", lambda line: None, few)
    said: list[str] = []
    reward_clip.build(tmp_path, tmp_path / "models", said.append, replace(few, steps=3))
    assert said[0] == "resuming at step 2 of 3"
    assert sum("loss" in line for line in said) == 1
