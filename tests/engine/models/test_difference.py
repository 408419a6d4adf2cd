"""An instant few-step model is the sum of three others, weight by weight, and a start for a distillation."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import ImageSaved
from sketchdesk.contracts.jobs import DistillJob, GenerateJob, PromptRow
from sketchdesk.engine import generate
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation import task
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.models.difference import unet_of, with_difference, write_instant
from sketchdesk.engine.models.lean import TensorFile
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.text_states import TextStates

CPU = torch.device("cpu")
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
    loaded = load_stable_diffusion(instant, CPU, torch.float32)
    assert loaded.rectified_flow
    assert (loaded.defaults.num_inference_steps, loaded.defaults.guidance_scale) == (1, 1.0)


@pytest.fixture
def piecewise(tiny_sd: Path, tmp_path: Path) -> Path:
    """A PeRFlow of the same base, its folder as diffusers saves one."""
    folder = changed(tiny_sd, tmp_path / "piecewise", 3)
    file = folder / "scheduler" / "scheduler_config.json"
    own = {"_class_name": "PeRFlowScheduler", "prediction_type": "diff_eps", "num_time_windows": 4}
    file.write_text(json.dumps({**json.loads(file.read_text()), **own, "clip_sample": False}))
    return folder


def drawn(model: Path, steps: int | None = None) -> list[np.ndarray]:
    """Pictures, drawn as a person's job is."""
    events: list[object] = []
    given = {} if steps is None else {"num_inference_steps": steps}
    job = GenerateJob(
        model=str(model), prompts=(PromptRow(prompt="a zebra"),), out_dir=str(model.parent / "out"), device="cpu",
        precision="fp32", num_threads=1, **given,
    )  # fmt: skip
    generate.run(job, Reporter(events.append))
    generate.forget_models()
    return [np.asarray(Image.open(event.path)) for event in events if isinstance(event, ImageSaved)]


def test_with_a_perflow_it_draws_by_perflows_sampler(piecewise: Path, tiny_sd: Path, tmp_path: Path):
    tuned = changed(tiny_sd, tmp_path / "ink", 1)
    write_instant(tuned, piecewise, tiny_sd, tmp_path / "both")
    made, *parts = (load_file(folder / UNET) for folder in (tmp_path / "both", tuned, piecewise, tiny_sd))
    for name, weight in made.items():
        torch.testing.assert_close(weight, parts[0][name] + parts[1][name] - parts[2][name])
    loaded = load_stable_diffusion(tmp_path / "both", CPU, torch.float32)
    assert (loaded.family, loaded.prediction_type) == ("perflow", "diff_eps")
    assert (loaded.defaults.num_inference_steps, loaded.defaults.guidance_scale) == (4, 4.5)
    (four,), (eight,) = drawn(tmp_path / "both", 4), drawn(tmp_path / "both", 8)
    assert four.shape == (32, 32, 3)
    assert (four != eight).any()
    assert (four != drawn(tuned, 4)[0]).any()
    stock = diffusers.StableDiffusionPipeline.from_pretrained(tmp_path / "both", safety_checker=None)
    told = stock.scheduler.config  # of which its makers' scheduler is made
    assert (told["prediction_type"], told["num_time_windows"]) == ("diff_eps", 4)


def test_of_the_models_only_u_nets_are_read(piecewise: Path, tiny_sd: Path, tmp_path: Path):
    tuned, base = changed(tiny_sd, tmp_path / "ink", 1), changed(tiny_sd, tmp_path / "base", 4)
    for folder in (piecewise, base):
        for part in ("vae", "text_encoder", "tokenizer"):
            shutil.rmtree(folder / part)
    (tuned / "vae" / UNET.name).write_bytes(b"no weights")
    write_instant(tuned, piecewise, base, tmp_path / "both")
    assert (tmp_path / "both" / "vae" / UNET.name).read_bytes() == b"no weights"
    assert isinstance(unet_of(base).weights, TensorFile)


def test_u_nets_in_other_kinds_of_files_count_as_well(tiny_sd: Path, tmp_path: Path):
    tuned, few = changed(tiny_sd, tmp_path / "ink", 1), changed(tiny_sd, tmp_path / "quick", 2, flows=True)
    write_instant(tuned, few, tiny_sd, tmp_path / "plain")
    for folder, dtype in ((tuned, torch.float32), (few, torch.float64)):
        unet = diffusers.UNet2DConditionModel.from_pretrained(folder / "unet").to(dtype)
        shutil.rmtree(folder / "unet")
        unet.save_pretrained(folder / "unet", max_shard_size="200KB")
    assert not (tuned / UNET).exists()
    write_instant(tuned, few, tiny_sd, tmp_path / "parts")
    assert load_file(tmp_path / "parts" / UNET).keys() == load_file(tmp_path / "plain" / UNET).keys()
    for name, weight in load_file(tmp_path / "parts" / UNET).items():
        torch.testing.assert_close(weight, load_file(tmp_path / "plain" / UNET)[name])


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


def test_a_distillation_that_begins_with_a_perflow_makes_one(piecewise: Path, tiny_sd: Path, tmp_path: Path):
    tuned = changed(tiny_sd, tmp_path / "ink", 1)
    settings = {"student": "teacher", "start": str(piecewise), "start_base": str(tiny_sd)}
    asked = job(tuned, tmp_path / "run", **settings, student_steps=4, num_held_out_pairs=1)
    made = Path(str(task.run(asked, Reporter(lambda _event: None))["output"]))
    weights = [load_file(folder / UNET) for folder in (made, tuned, piecewise, tiny_sd)]
    for name, weight in weights[0].items():
        wanted = weights[1][name] + weights[2][name] - weights[3][name]
        torch.testing.assert_close(weight, wanted, atol=1e-6, rtol=0)
    loaded = load_stable_diffusion(made, CPU, torch.float32)
    assert (loaded.family, loaded.prediction_type) == ("perflow", "diff_eps")
    assert loaded.defaults.num_inference_steps == 4
    assert len(drawn(made)) == 1
    assert "PeRFlow" in (made / "README.md").read_text()
    refused(job(tuned, tmp_path / "again", **settings, student_steps=2), "2 steps")


def refused(asked: DistillJob, because: str) -> None:
    """Check that a job is refused before anything is drawn."""
    with pytest.raises(SketchDeskError, match=because) as caught:
        task.run(asked, Reporter(lambda _event: None))
    assert caught.value.kind is ErrorKind.BAD_INPUT
    assert not Path(asked.out_dir, "pairs").exists()


def test_a_start_that_says_something_else_is_refused_before_pairs_are_drawn(instant: Path, tmp_path: Path):
    refused(job(tmp_path / "ink", tmp_path / "run", start=str(instant), student="teacher"), "“velocity”")


def test_a_start_of_other_layers_is_refused_before_pairs_are_drawn(instant: Path, tmp_path: Path):
    refused(job(tmp_path / "ink", tmp_path / "run", start="demo-flow"), "other layers")


def test_a_lora_that_would_say_something_else_is_refused_before_pairs_are_drawn(tiny_sd: Path, tmp_path: Path):
    refused(job(tiny_sd, tmp_path / "run", lora_rank=4), "keeps what the teacher")


@pytest.mark.parametrize(("matching_steps", "left"), [(0, {("meta", torch.float32)}), (1, {("cpu", torch.bfloat16)})])
def test_beside_it_the_teacher_s_own_takes_no_more_room_than_it_is_asked_for(instant, tmp_path, matching_steps, left):
    teacher = load_stable_diffusion(tmp_path / "ink", CPU, torch.float32)
    asked = job(tmp_path / "ink", tmp_path / "run", start=str(instant), matching_steps=matching_steps)
    placement = Placement(CPU, torch.bfloat16, 1)
    student = Student(asked, teacher, placement, TextStates(teacher, torch.float32, False, print))
    task.leave_room(asked, teacher, student)
    assert {(weight.device.type, weight.dtype) for weight in teacher.unet.parameters()} == left
    assert {weight.dtype for weight in student.model.unet.parameters()} == {torch.float32}
