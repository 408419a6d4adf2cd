"""Checkpoints: whole or not at all, verified, the best kept, a full disk waited out."""

from __future__ import annotations

import math
import signal
from pathlib import Path

import msgspec
import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved, JobEnded, MetricLogged, Notice, StepDone
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.training import keeping, task
from sketchdesk.engine.training.checkpoint import load_state, newest_state, save_checkpoint
from sketchdesk.library.runs.events import EVENTS_FILE, read_events
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints, drop_old, note_val_loss

resource = pytest.importorskip("resource", reason="this system cannot limit its files")


def state(step: int) -> dict:
    torch.manual_seed(step)
    shared = torch.randn(3)
    return {
        "step": step,
        "networks": [{"a.weight": torch.randn(4, 3), "half": torch.randn(5).bfloat16(), "empty": torch.empty(0)}],
        "optimizer": {"state": {0: {"step": torch.tensor(3.0), "code": shared}, 1: {"code": shared, "on": None}},
                      "param_groups": [{"lr": 1e-3, "betas": (0.9, 0.999), "seen": [1, 2], "worst": math.inf}]},
        "turned": torch.arange(6).reshape(2, 3).T,
    }  # fmt: skip


def same(one: object, other: object) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return type(one) is type(other) and len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def test_a_state_comes_back_as_it_was_kinds_keys_and_all(tmp_path):
    saved = save_checkpoint(tmp_path, 3, state(3))
    assert same(load_state(saved), state(3))
    assert {path.suffix for path in saved.iterdir()} == {".json", ".safetensors"}


def test_a_tensor_that_lies_in_a_file_of_its_own_is_written_once(tmp_path):
    big = torch.randn(100_000)
    saved = save_checkpoint(tmp_path, 1, {"one": big, "two": big, "step": 1}, files={"unet/x.safetensors": {"w": big}})
    assert sum(path.stat().st_size for path in saved.rglob("*") if path.is_file()) < 1.1 * big.nbytes
    assert same(load_state(saved), {"one": big, "two": big, "step": 1})


def test_what_a_checkpoint_cannot_hold_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(TypeError):
        save_checkpoint(tmp_path, 1, {"step": object()})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("harm", ["flip", "cut", "remove", "manifest"])
def test_a_damaged_newest_one_is_told_and_the_one_before_it_taken(tmp_path, harm):
    for step in (1, 2):
        save_checkpoint(tmp_path, step, state(step))
    newest = tmp_path / "checkpoint-2"
    data = newest / "training_state.safetensors"
    if harm == "flip":
        found = bytearray(data.read_bytes())
        found[-1] ^= 1
        data.write_bytes(found)
    elif harm == "cut":
        data.write_bytes(data.read_bytes()[:-8])
    elif harm == "remove":
        data.unlink()
    else:
        (newest / "checkpoint.json").write_text("{")
    told: list[Path] = []
    path, found_state = newest_state(tmp_path, told.append)
    assert (path.name, told) == ("checkpoint-1", [newest])
    assert same(found_state, state(1))
    with pytest.raises(SketchDeskError) as refused:
        load_state(newest)
    assert refused.value.kind is ErrorKind.MODEL_UNREADABLE


def test_the_newest_and_the_best_are_kept(tmp_path):
    for step, loss in ((1, 0.5), (2, 0.1), (3, None), (4, 0.3), (5, 0.4)):
        path = save_checkpoint(tmp_path, step, {"step": step}, keep=10)
        if loss is not None:
            note_val_loss(path, loss)
    drop_old(tmp_path, 3)
    assert [step for step, _path in checkpoints(tmp_path)] == [2, 4, 5]
    drop_old(tmp_path, 1)
    assert [step for step, _path in checkpoints(tmp_path)] == [5]


@pytest.fixture
def job(tiny_sd: Path, balls: Path, tmp_path: Path) -> TrainJob:
    return TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(tmp_path / "run"), max_train_steps=4, train_batch_size=2,
        learning_rate=1e-2, optimizer="adamw", checkpointing_steps=1, precision="fp32", num_threads=1,
    )


def test_the_best_by_what_was_held_out_outlives_newer_ones(job):
    events: list = []
    looking = msgspec.structs.replace(job, validation_share=0.2, validation_steps=1, max_train_steps=6)
    task.run(looking, Reporter(events.append))
    losses = {
        event.step: event.values["val_loss"]
        for event in events if isinstance(event, MetricLogged) and "val_loss" in event.values and event.step > 0
    }  # fmt: skip
    best = min((step for step in losses if step < 6), key=losses.__getitem__)
    assert [step for step, _path in checkpoints(Path(job.out_dir) / FOLDER)] == [best, 6]


class _Limited:
    """No file of this process may grow beyond a size, as on a disk that is full."""

    def __init__(self) -> None:
        self.before = resource.getrlimit(resource.RLIMIT_FSIZE)
        self.signal = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def begin(self, size_bytes: int = 60_000) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, self.before[1]))

    def end(self) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, self.before)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(keeping, "TRY_S", 0.01)
    monkeypatch.setattr(keeping, "LOOK_S", 0.01)
    limited = _Limited()
    yield limited
    limited.end()
    signal.signal(signal.SIGXFSZ, limited.signal)


def test_a_full_disk_is_waited_out_and_the_run_ends_as_if_it_had_never_been_full(job, tmp_path, full_disk):
    events: list = []

    def sink(event) -> None:
        events.append(event)
        if isinstance(event, CheckpointSaved) and event.step == 1:
            full_disk.begin()
        if isinstance(event, Notice) and "disk is full" in event.message:
            assert [step for step, _path in checkpoints(Path(job.out_dir) / FOLDER)] == [1]
            load_state(Path(job.out_dir) / FOLDER / "checkpoint-1")
            full_disk.end()

    task.run(job, Reporter(sink))
    told = [event.message for event in events if isinstance(event, Notice)]
    assert sum("disk is full" in message for message in told) == 1
    assert any("There is room again" in message for message in told)
    task.run(msgspec.structs.replace(job, out_dir=str(tmp_path / "calm")), Reporter(lambda event: None))
    ends = [load_state(folder / FOLDER / "checkpoint-4") for folder in (Path(job.out_dir), tmp_path / "calm")]
    assert same(ends[0], ends[1])


def test_a_disk_too_full_for_the_runs_log_ends_nothing_and_the_log_is_whole_in_the_end(job, tmp_path, full_disk):
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    events: list = []

    def sink(event) -> None:
        events.append(event)
        if isinstance(event, CheckpointSaved) and event.step == 1:
            full_disk.begin((run_dir / EVENTS_FILE).stat().st_size)
        if isinstance(event, Notice) and "the training waits" in event.message:
            full_disk.end()

    reporter = Reporter(sink, run_dir=run_dir)
    task.run(job, reporter)
    reporter.emit(JobEnded(state="done"))
    assert any("until there is room for its log" in event.message for event in events if isinstance(event, Notice))
    told, _offset = read_events(run_dir)
    assert [event for event in told if not isinstance(event, StepDone)] == [
        event for event in events if not isinstance(event, StepDone)
    ]


def test_a_cancel_while_the_disk_is_full_ends_the_run_and_keeps_the_older_checkpoint(job, full_disk):
    def sink(event) -> None:
        if isinstance(event, CheckpointSaved):
            full_disk.begin()
        if isinstance(event, Notice) and "the training waits" in event.message:
            reporter.cancel()

    reporter = Reporter(sink)
    with pytest.raises(Cancelled):
        task.run(job, reporter)
    full_disk.end()
    assert [step for step, _path in checkpoints(Path(job.out_dir) / FOLDER)] == [1]
    task.run(msgspec.structs.replace(job, resume=True), Reporter(lambda event: None))
    assert [step for step, _path in checkpoints(Path(job.out_dir) / FOLDER)][-1] == 4


def test_a_fork_goes_on_from_another_runs_checkpoint_and_leaves_it_alone(job, tmp_path):
    task.run(msgspec.structs.replace(job, checkpoints_total_limit=4), Reporter(lambda event: None))
    second = Path(job.out_dir) / FOLDER / "checkpoint-2"
    before = {path: path.read_bytes() for path in Path(job.out_dir).rglob("*") if path.is_file()}
    fork = msgspec.structs.replace(job, out_dir=str(tmp_path / "fork"), fork_from=str(second))
    task.run(fork, Reporter(lambda event: None))
    ends = [load_state(folder / FOLDER / "checkpoint-4") for folder in (Path(job.out_dir), tmp_path / "fork")]
    assert same(ends[0], ends[1])
    assert {path: path.read_bytes() for path in Path(job.out_dir).rglob("*") if path.is_file()} == before
