from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt

from sketchdesk.contracts.jobs import GenerateJob, PromptRow, TrainJob
from sketchdesk.ui.queue.queue_model import MIME, QueueModel
from sketchdesk.workers.runner import JobRunner


@pytest.fixture
def runner(qapp, fake_engine):
    runner = JobRunner(command=fake_engine("stubborn"))
    yield runner
    runner.shutdown()


def draw(runner: JobRunner, name: str, device: str = "cpu") -> str:
    rows = (PromptRow(prompt=name),)
    return runner.submit(GenerateJob(model="m", prompts=rows, out_dir="out", device=device))


def drag(model: QueueModel, runner: JobRunner, job_id: str, row: int) -> list[str]:
    """Drop a job before a row; return the titles in their new order."""
    index = model.index(runner.job_ids().index(job_id), 0)
    data = model.mimeData([index])
    assert model.mimeTypes() == [MIME]
    model.dropMimeData(data, Qt.DropAction.MoveAction, row, 0, QModelIndex())
    return [runner.run(job_id).title for job_id in runner.job_ids()]


def test_a_waiting_job_is_dragged_to_another_place(runner):
    ids = [draw(runner, name) for name in ("working", "a", "b", "c")]
    model = QueueModel(runner)
    assert drag(model, runner, ids[3], 1) == ["working", "c", "a", "b"]
    assert drag(model, runner, ids[3], 4) == ["working", "a", "b", "c"]
    assert drag(model, runner, ids[1], 3) == ["working", "b", "a", "c"]
    assert drag(model, runner, ids[2], 0) == ["working", "b", "a", "c"]


def test_jobs_of_other_devices_keep_their_order(runner):
    ids = [draw(runner, name, device) for name, device in (("w", "cpu"), ("a", "cpu"), ("v", "mps"), ("x", "mps"))]
    late = draw(runner, "b")
    model = QueueModel(runner)
    drag(model, runner, late, 1)
    order = [job_id for job_id in runner.job_ids() if runner.run(job_id).lane == "cpu"]
    assert order == [ids[0], late, ids[1]]
    assert runner.place(ids[3]) == 0


def test_only_what_waits_can_be_dragged_and_junk_is_not_dropped(runner):
    draw(runner, "working")
    draw(runner, "waiting")
    model = QueueModel(runner)
    draggable = [bool(model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsDragEnabled) for row in range(2)]
    assert draggable == [False, True]
    data = model.mimeData([])
    assert not model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, QModelIndex())


def test_a_job_says_what_it_does(runner):
    job_id = runner.submit(TrainJob(model="demo-base", dataset="demo-sketch", out_dir="out"), "mine")
    model = QueueModel(runner)
    assert model.title(job_id) == "Train “mine”"
    assert model.progress_text(job_id) == "starting"
