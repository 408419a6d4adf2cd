"""Every training on disk in a line, its log read only at the ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import Event, JobEnded, JobStarted, MetricLogged, StepDone
from sketchdesk.contracts.jobs import DistillJob, EvaluateJob, TrainJob
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.events import EVENTS_FILE
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.train_runs import TAIL_BYTES, list_trainings, read_training


def training(tmp_path: Path, title: str = "ink") -> runs.Run:
    return runs.create_run(TrainJob(model="m", dataset="d", out_dir=str(tmp_path / title)), title)


def log(run: runs.Run, *events: Event) -> None:
    with (run.folder / EVENTS_FILE).open("ab") as file:
        file.writelines(wire.encode(event) for event in events)


def metric(step: int, **values: float) -> MetricLogged:
    return MetricLogged(step=step, values=values)


def test_only_trainings_are_listed_the_newest_first(tmp_path):
    older = training(tmp_path, "older")
    runs.create_run(EvaluateJob(images_dir="i", out_dir="o"))
    newer = training(tmp_path, "newer")
    found = list_trainings()
    assert {each.run.id for each in found} == {older.id, newer.id}
    assert [each.run.created for each in found] == sorted((each.run.created for each in found), reverse=True)


def test_a_run_that_has_not_begun_says_so(tmp_path):
    found = read_training(training(tmp_path))
    assert (found.state, found.step, found.loss, found.speed, found.checkpoint, found.model) == (
        RunState.QUEUED, 0, None, None, None, None,
    )  # fmt: skip


def test_step_losses_and_speed_come_from_the_log(tmp_path):
    run = training(tmp_path)
    log(
        run, JobStarted(pid=1, device="cpu", precision="fp32"), StepDone(step=1500, total=1500),
        metric(0, val_loss=0.9), metric(1, loss=0.4, images_per_s=10), metric(2, loss=0.2, images_per_s=20),
        metric(2, val_loss=0.5),
    )  # fmt: skip
    found = read_training(run)
    assert (found.step, found.val_loss, found.device) == (2, 0.5, "cpu")
    assert found.loss == pytest.approx(0.3)
    assert found.speed.images_per_s == pytest.approx(15)
    assert not found.is_active


def test_the_most_memory_comes_from_the_result_of_a_run_that_is_over(tmp_path):
    run = training(tmp_path)
    log(run, JobStarted(pid=1, device="cpu"), metric(5, memory_gib=9.0))
    assert read_training(run).peak is None
    log(run, JobEnded(state="done", result={"memory_gib": 3.5}))
    peak = read_training(run).peak
    assert (peak.job, peak.device, peak.gib) == (run.job, "cpu", 3.5)
    log(run, JobStarted(pid=2, device="cpu"))  # it goes on
    assert read_training(run).peak is None


def test_of_a_long_log_with_torn_lines_only_the_ends_count(tmp_path):
    run = training(tmp_path)
    log(run, JobStarted(pid=1, device="cuda:0"))
    log(run, *(metric(step, loss=9.0) for step in range(5000)))
    with (run.folder / EVENTS_FILE).open("ab") as file:
        file.write(b'{"type":"Metr\n')
    log(run, *(metric(step, loss=0.5) for step in range(5000, 5030)), JobEnded(state="done"))
    assert (run.folder / EVENTS_FILE).stat().st_size > 2 * TAIL_BYTES
    found = read_training(run)
    assert (found.step, found.loss, found.device) == (5029, 0.5, "cuda:0")


def test_a_resume_goes_on_from_the_newest_whole_checkpoint(tmp_path):
    run = training(tmp_path)
    folder = Path(run.job.out_dir) / "checkpoints"
    assert read_training(run).checkpoint is None
    for name in ("checkpoint-50", "checkpoint-100", "checkpoint-200", ".checkpoint-150.partial", "checkpoint-x"):
        (folder / name).mkdir(parents=True)
        if name != "checkpoint-200":  # it is being deleted: its manifest went first
            (folder / name / "checkpoint.json").write_text("{}")
    found = read_training(run)
    assert found.checkpoint == 100
    assert [step for step, _folder in found.checkpoints] == [50, 100]


def test_a_lora_is_offered_once_it_is_there(tmp_path):
    run = training(tmp_path)
    assert read_training(run).lora is None
    file = Path(run.job.out_dir) / "lora" / "ink.safetensors"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"")
    assert read_training(run).lora == file


def test_the_tuned_model_is_offered_once_it_is_whole(tmp_path):
    run = training(tmp_path)
    model = Path(run.job.out_dir) / "model"
    model.mkdir(parents=True)
    assert read_training(run).model is None
    (model / "model_index.json").write_text("{}")
    assert read_training(run).model == model


def test_a_distillation_is_a_training_of_all_its_phases(tmp_path):
    job = DistillJob(model="m", out_dir=str(tmp_path / "flow"), reflow_steps=3, distil_steps=4)
    run = runs.create_run(job, "flow")
    log(run, JobStarted(pid=1, device="cpu"), metric(5, loss=0.4, images_per_s=10))
    (found,) = list_trainings()
    assert (found.run.id, found.step, found.total) == (run.id, 5, 7)
    assert found.speed is None  # its passes are not a training's
