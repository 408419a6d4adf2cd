"""An instant few-step model is the sum of three others, weight by weight, and a start for a distillation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation import task
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.models.difference import with_difference, write_instant
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.text_states import TextStates

UNET = Path("unet", "diffusion_pytorch_model.safetensors")


def changed(base: Path, folder: Path, seed: int, flows: bool = False) -> Path:
    """A model of the same base, a little off it in every weight; `flows` makes it one of a step."""
    shutil.copytree(base, folder)
    torch.manual_seed(seed)
    weights = {name: weight + 0.01 * torch.randn_like(weight) for name, weight in load_file(base / UNET).items()}
    save_file(weights, folder / UNET, {"format": "pt"})
    if flows:
        index = json.loads((folder / "model_index.json").read_text())
        (folder / "model_index.json").write_text(json.dumps({**index, "_class_name": "RectifiedFlowPipeline"}))
        (folder / "sketchdesk.json").write_text('{"guidance_scale": 1.0, "num_inference_steps": 1}')
    return folder


@pytest.fixture
def instant(tiny_sd: Path, tmp_path: Path) -> Path:
    tuned, few = changed(tiny_sd, tmp_path / "ink", 1), changed(tiny_sd, tmp_path / "quick", 2, flows=True)
    write_instant(tuned, few, tiny_sd, tmp_path / "both")
    return tmp_path / "both"


def test_every_weight_is_the_sum_and_it_draws_as_the_few_step_one(instant: Path, tiny_sd: Path, tmp_path: Path):
    made, tuned, few, base = (
        load_file(folder / UNET) for folder in (instant, tmp_path / "ink", tmp_path / "quick", tiny_sd)
    )
    assert made.keys() == base.keys()
    for name, weight in made.items():
        torch.testing.assert_close(weight, tuned[name] + few[name] - base[name])
    loaded = load_stable_diffusion(instant, torch.device("cpu"), torch.float32)
    assert loaded.rectified_flow
    assert (loaded.defaults.num_inference_steps, loaded.defaults.guidance_scale) == (1, 1.0)


def test_models_of_other_shapes_are_refused():
    one, wider = {"a": torch.zeros(2)}, {"a": torch.zeros(3)}
    for three in ((one, wider, one), (one, one, wider), (one, {}, one)):
        with pytest.raises(SketchDeskError) as caught:
            with_difference(*three)
        assert caught.value.kind is ErrorKind.BAD_INPUT


def job(teacher: Path, out: Path, **fields: object) -> DistillJob:
    return DistillJob(**({
        "model": str(teacher), "out_dir": str(out), "prompts": ("a dog",), "num_pairs": 2, "num_held_out_pairs": 0,
        "num_inference_steps": 1, "guidance_scale": 1.0, "train_batch_size": 2, "reflow_steps": 1, "distil_steps": 0,
        "learning_rate": 1e-12, "final_learning_rate": 1e-12, "lr_warmup_steps": 0, "device": "cpu",
        "precision": "fp32", "num_threads": 1,
    } | fields))  # fmt: skip


def test_a_distillation_begins_with_it_and_not_with_its_teacher(instant: Path, tiny_sd: Path, tmp_path: Path):
    asked = job(tmp_path / "ink", tmp_path / "run", start=str(instant))
    made = load_file(Path(str(task.run(asked, Reporter(lambda _event: None))["output"])) / UNET)
    for name, weight in load_file(instant / UNET).items():
        torch.testing.assert_close(made[name], weight, atol=1e-6, rtol=0)


def test_what_a_start_learnt_beyond_its_base_is_added_to_the_teacher(instant: Path, tiny_sd: Path, tmp_path: Path):
    asked = job(tmp_path / "ink", tmp_path / "run", start=str(tmp_path / "quick"), start_base=str(tiny_sd))
    made = load_file(Path(str(task.run(asked, Reporter(lambda _event: None))["output"])) / UNET)
    for name, weight in load_file(instant / UNET).items():
        torch.testing.assert_close(made[name], weight, atol=1e-6, rtol=0)


def test_a_start_that_says_something_else_is_refused(instant: Path, tmp_path: Path):
    asked = job(tmp_path / "ink", tmp_path / "run", start=str(instant), student="teacher")
    with pytest.raises(SketchDeskError) as caught:
        task.run(asked, Reporter(lambda _event: None))
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert "“velocity”" in caught.value.message


@pytest.mark.parametrize(("matching_steps", "left"), [(0, {("meta", torch.float32)}), (1, {("cpu", torch.bfloat16)})])
def test_beside_it_the_teacher_s_own_takes_no_more_room_than_it_is_asked_for(instant, tmp_path, matching_steps, left):
    teacher = load_stable_diffusion(tmp_path / "ink", torch.device("cpu"), torch.float32)
    asked = job(tmp_path / "ink", tmp_path / "run", start=str(instant), matching_steps=matching_steps)
    placement = Placement(torch.device("cpu"), torch.bfloat16, 1)
    student = Student(asked, teacher, placement, TextStates(teacher, torch.float32, False, print))
    task.leave_room(asked, teacher, student)
    assert {(weight.device.type, weight.dtype) for weight in teacher.unet.parameters()} == left
    assert {weight.dtype for weight in student.model.unet.parameters()} == {torch.float32}
