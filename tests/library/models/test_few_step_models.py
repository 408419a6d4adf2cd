"""Which model of few steps is compared, and with which of many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.models.few_step_models import few_step_pair
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.runs import runs

BASE = ModelEntry(name="demo-base", path=Path("/m/base"), origin="shipped", family="stable_diffusion")
OTHER = ModelEntry(name="other", path=Path("/m/other"), origin="own", family="stable_diffusion", variant="sd1")
FLOW = ModelEntry(name="flow", path=Path("/m/flow"), origin="own", family="instaflow", variant="instaflow")


@pytest.fixture
def lora(tmp_path):
    path = tmp_path / "my-lcm-4-steps.safetensors"
    save_file({"a": np.zeros(1, np.float32)}, path)
    return ModelEntry(name=str(path), path=path, origin="own", family="lora")


def test_where_nothing_draws_in_few_steps_there_is_no_pair():
    assert few_step_pair([BASE, OTHER]) is None
    assert few_step_pair([FLOW]) is None  # nothing to compare it with


def test_a_one_step_model_is_compared_with_the_base():
    found = few_step_pair([OTHER, FLOW, BASE])
    assert found is not None
    assert (found.few.model, found.few.num_inference_steps, found.many) == ("flow", 1, "demo-base")


def test_a_distilled_model_comes_first_and_is_compared_with_its_teacher(tmp_path):
    out = tmp_path / "one-step"
    runs.create_run(DistillJob(model="other", out_dir=str(out), student_steps=2))
    own = ModelEntry(name="mine", path=out / "model", origin="own", family="instaflow", variant="instaflow")
    found = few_step_pair([BASE, OTHER, FLOW, own])
    assert found is not None
    assert (found.few.model, found.few.num_inference_steps, found.many) == ("mine", 2, "other")


def test_a_lora_for_few_steps_is_put_on_the_base_with_its_makers_settings(lora):
    found = few_step_pair([BASE, lora])
    assert found is not None
    assert (found.few.model, found.many) == ("demo-base", "demo-base")
    assert [use.path for use in found.few.loras] == [str(lora.path)]
    assert (found.few.num_inference_steps, found.few.sampler, found.few.guidance_scale) == (4, "lcm", 1.0)
