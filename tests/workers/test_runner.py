from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import psutil
import pytest
from PySide6.QtCore import QObject, QThread, SignalInstance, Slot

import sketchdesk
from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.contracts.events import Event, ImageSaved, JobEnded, JobStarted, Notice, StepDone
from sketchdesk.contracts.jobs import DistillJob, GenerateJob, ProbeJob, PromptRow, TrainJob
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.runs.state import RunState
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import SIGNALS, JobRunner

FAST = Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5)
PROBE = ProbeJob()

MakeRunner = Callable[..., JobRunner]


class Ear(QObject):
    """Notes everything a runner says, in order, and in which thread it heard it."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self.heard: list = []
        self.threads: set = set()
        runner.job_state_changed.connect(self.on_state)
        for signal_ in (runner.job_started, runner.step_done, runner.image_saved, runner.notice, runner.job_ended):
            signal_.connect(self.on_event)

    @Slot(str, object)
    def on_state(self, job_id, state) -> None:
        self.heard.append((job_id, state))
        self.threads.add(QThread.currentThread())

    @Slot(object)
    def on_event(self, event) -> None:
        self.heard.append(event)
        self.threads.add(QThread.currentThread())

    def states(self, job_id) -> list[RunState]:
        return [entry[1] for entry in self.heard if isinstance(entry, tuple) and entry[0] == job_id]

    def events(self, kind, job_id) -> list:
        return [entry for entry in self.heard if isinstance(entry, kind) and entry.job_id == job_id]


@pytest.fixture
def make_runner(qapp, fake_engine) -> Iterator[MakeRunner]:
    made: list[JobRunner] = []

    def make(work: str | None, graces: Graces = FAST) -> JobRunner:
        made.append(JobRunner(command=fake_engine(work), graces=graces))
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown()


def ended(qtbot, runner: JobRunner, job_id: str, timeout=60_000) -> JobEnded:
    if runner.state(job_id) in (RunState.DONE, RunState.FAILED, RunState.CANCELED):
        return next(e for e in read_events(runner.run(job_id).folder)[0] if isinstance(e, JobEnded))
    with qtbot.waitSignal(runner.job_ended, timeout=timeout, check_params_cb=lambda e: e.job_id == job_id) as caught:
        pass
    return caught.args[0]


def on_disk(runner: JobRunner, job_id: str) -> RunState:
    return runs.status_of(runner.run(job_id)).state


def first_step(qtbot, runner: JobRunner, job_id: str) -> None:
    with qtbot.waitSignal(runner.step_done, timeout=20_000, check_params_cb=lambda e: e.job_id == job_id):
        pass


def test_a_real_job_runs_on_a_real_engine_and_is_told_in_order_on_the_windows_thread(qtbot, make_runner):
    runner = make_runner(None)
    ear = Ear(runner)
    job_id = runner.submit(PROBE, "what is here")
    signals = [
        runner.job_started, runner.stage_changed, runner.device_found, runner.step_done, runner.job_state_changed,
        runner.job_ended,
    ]
    with qtbot.waitSignals(signals, order="strict", timeout=60_000):
        pass
    assert ear.states(job_id) == [RunState.RUNNING, RunState.DONE]
    assert ear.threads == {runner.thread()}
    assert (runner.run(job_id).title, on_disk(runner, job_id)) == ("what is here", RunState.DONE)


def test_jobs_of_a_lane_run_one_after_the_other_in_one_warm_engine(qtbot, make_runner):
    runner = make_runner("short")
    ear = Ear(runner)
    ids = [runner.submit(PROBE) for _ in range(3)]
    assert [runner.state(id_) for id_ in ids] == [RunState.RUNNING, RunState.QUEUED, RunState.QUEUED]
    ended(qtbot, runner, ids[-1])
    changes = [entry for entry in ear.heard if isinstance(entry, tuple)]
    assert changes == [(id_, state) for id_ in ids for state in (RunState.RUNNING, RunState.DONE)]
    assert len({ear.events(JobStarted, id_)[0].pid for id_ in ids}) == 1
    assert [event.step for id_ in ids for event in ear.events(StepDone, id_)] == [1, 2, 3] * 3


def test_two_lanes_work_side_by_side(qtbot, make_runner):
    runner = make_runner("steps")
    ear = Ear(runner)
    one, two = runner.submit(PROBE, lane="cpu"), runner.submit(PROBE, lane="cuda:0")
    first_step(qtbot, runner, one)
    first_step(qtbot, runner, two)
    assert runner.state(one) is runner.state(two) is RunState.RUNNING
    pids = {ear.events(JobStarted, id_)[0].pid for id_ in (one, two)}
    assert len(pids) == 2


def test_what_trains_gets_an_engine_of_its_own_before_and_after(qtbot, make_runner, tmp_path):
    runner = make_runner("short")
    ear = Ear(runner)
    train = TrainJob(model="m", dataset="d", out_dir=str(tmp_path))
    distill = DistillJob(model="m", out_dir=str(tmp_path))
    ids = [runner.submit(job) for job in (PROBE, train, distill, PROBE)]
    ended(qtbot, runner, ids[-1])
    pids = [ear.events(JobStarted, id_)[0].pid for id_ in ids]
    assert len(set(pids)) == 4
    assert not psutil.pid_exists(pids[1])
    assert not psutil.pid_exists(pids[2])


def test_jobs_work_with_the_threads_that_were_set_unless_they_say_themselves(qtbot, make_runner, tmp_path):
    runner = make_runner("short")
    open_, own = (TrainJob(model="m", dataset="d", out_dir=str(tmp_path), num_threads=count) for count in (None, 3))
    runner.set_num_threads(2)
    assert [runner.run(runner.submit(job)).job.num_threads for job in (open_, own)] == [2, 3]
    runner.set_num_threads(None)
    assert runner.run(runner.submit(open_)).job.num_threads is None


def test_an_engine_killed_in_the_middle_fails_its_job_with_a_sentence_and_the_queue_goes_on(qtbot, make_runner):
    runner = make_runner("dies_once")
    doomed, next_one = runner.submit(PROBE), runner.submit(PROBE)
    end = ended(qtbot, runner, doomed)
    assert (end.state, end.kind) == ("failed", ErrorKind.ENGINE_DIED)
    assert "SIGKILL" in end.message
    assert "queue goes on" in end.next_step
    assert ended(qtbot, runner, next_one).state == "done"
    assert on_disk(runner, doomed) is RunState.FAILED
    assert read_events(runner.run(doomed).folder)[0][-1] == end


@pytest.mark.skipif(os.name == "nt", reason="Windows ends no process for its memory")
def test_a_drawing_whose_engine_is_killed_goes_on_a_rung_lower_while_there_is_one(qtbot, make_runner, tmp_path):
    runner = make_runner("always_killed")
    ear = Ear(runner)
    rows = (PromptRow(prompt="a cat"),)
    doomed = runner.submit(GenerateJob(model="m", prompts=rows, out_dir=str(tmp_path), count=8, batch_size=4))
    end = ended(qtbot, runner, doomed)
    assert (end.state, end.kind) == ("failed", ErrorKind.ENGINE_DIED)
    told = [event.message for event in ear.events(Notice, doomed)]
    savings = ("sequential_guidance", "sliced_attention", "tiled_vae")
    assert told[::2] == ["4 ()", *(f"1 {savings[:count]}" for count in range(4))]
    assert len(told) == 9
    assert all("it goes on with less: 1 picture at a time" in message for message in told[1::2])
    assert ear.states(doomed) == [RunState.RUNNING, RunState.FAILED]
    assert runner.resume(doomed)  # by a person, at the lowest
    ended(qtbot, runner, doomed)
    assert [event.message for event in ear.events(Notice, doomed)][9:] == [told[-1]]


@pytest.fixture(autouse=True)
def marker(monkeypatch, tmp_path):
    monkeypatch.setenv("FAKE_ENGINE_MARKER", str(tmp_path / "died-once"))


def test_a_drawing_killed_with_minus_nine_goes_on_and_the_next_succeeds(qtbot, make_runner, tiny_sd, tmp_path):
    runner = make_runner(None)
    ear = Ear(runner)

    def drawing(count: int) -> GenerateJob:
        return GenerateJob(
            model=str(tiny_sd), prompts=(PromptRow(prompt="a cat"),), out_dir=str(tmp_path / str(count)), count=count,
            num_inference_steps=2, batch_size=1, num_threads=1,
        )

    doomed, next_one = runner.submit(drawing(50_000)), runner.submit(drawing(2))
    with qtbot.waitSignal(runner.image_saved, timeout=120_000):
        pass
    os.kill(ear.events(JobStarted, doomed)[0].pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: len(ear.events(JobStarted, doomed)) == 2, timeout=120_000)  # with less memory
    before = len(ear.events(ImageSaved, doomed))
    qtbot.waitUntil(lambda: len(ear.events(ImageSaved, doomed)) > before, timeout=120_000)
    runner.cancel(doomed)
    assert ended(qtbot, runner, doomed).state == "canceled"
    drawn = [read_record(Path(image.path)) for image in ear.events(ImageSaved, doomed)]
    assert [record.seed for record in drawn] == list(range(len(drawn)))
    assert drawn[0].memory_savings == ()
    assert drawn[-1].memory_savings == ("sequential_guidance",)
    assert ended(qtbot, runner, next_one, 120_000).result["images"] == 2
    assert len(list((tmp_path / "2").rglob("*.png"))) == 2
    assert list((tmp_path / "50000").rglob("*.png"))


def test_cancel_in_the_middle(qtbot, make_runner):
    runner = make_runner("steps")
    ear = Ear(runner)
    job_id = runner.submit(PROBE)
    first_step(qtbot, runner, job_id)
    assert runner.cancel(job_id)
    assert runner.state(job_id) is RunState.CANCELLING
    assert not runner.cancel(job_id)
    assert ended(qtbot, runner, job_id).state == "canceled"
    assert ear.states(job_id) == [RunState.RUNNING, RunState.CANCELLING, RunState.CANCELED]
    assert on_disk(runner, job_id) is RunState.CANCELED
    assert not runner.cancel(job_id)


def test_cancel_before_the_engine_is_up(qtbot, make_runner):
    runner = make_runner("steps")
    job_id = runner.submit(PROBE)
    runner.cancel(job_id)
    assert ended(qtbot, runner, job_id).state == "canceled"


def test_a_job_that_will_not_stop_is_stopped_and_the_next_one_runs_in_a_new_engine(qtbot, make_runner):
    runner = make_runner("deaf")
    ear = Ear(runner)
    deaf, next_one = runner.submit(PROBE), runner.submit(PROBE)
    first_step(qtbot, runner, deaf)
    runner.cancel(deaf)
    end = ended(qtbot, runner, deaf)
    assert end.state == "canceled"
    assert "had to be stopped" in end.message
    first_step(qtbot, runner, next_one)
    assert ear.events(JobStarted, deaf)[0].pid != ear.events(JobStarted, next_one)[0].pid


def test_a_waiting_job_is_canceled_without_ever_running(qtbot, make_runner):
    runner = make_runner("steps")
    ear = Ear(runner)
    working, waiting = runner.submit(PROBE), runner.submit(PROBE)
    assert runner.cancel(waiting)
    assert ear.states(waiting) == [RunState.CANCELED]
    assert ear.events(JobEnded, waiting)[0].state == "canceled"
    assert on_disk(runner, waiting) is RunState.CANCELED
    assert runner.state(working) is RunState.RUNNING


def test_pause_and_resume(qtbot, make_runner):
    runner = make_runner("hundred")
    ear = Ear(runner)
    job_id = runner.submit(PROBE)
    assert not runner.resume(job_id)
    first_step(qtbot, runner, job_id)
    assert runner.pause(job_id)
    assert not runner.pause(job_id)
    assert on_disk(runner, job_id) is RunState.PAUSED
    assert runner.resume(job_id)
    assert ended(qtbot, runner, job_id).state == "done"
    assert ear.states(job_id) == [RunState.RUNNING, RunState.PAUSED, RunState.RUNNING, RunState.DONE]
    assert not runner.pause(job_id)


def test_waiting_jobs_change_places_and_run_in_the_new_order(qtbot, make_runner):
    runner = make_runner("short")
    ear = Ear(runner)
    working, a, b, c = [runner.submit(PROBE) for _ in range(4)]
    with qtbot.waitSignal(runner.queue_reordered):
        assert runner.move(c, -10)
    assert runner.move(a, 2)
    assert not runner.move(working, 1)
    assert [id_ for id_ in runner.job_ids() if id_ != working] == [c, b, a]
    ended(qtbot, runner, a)
    started = [event.job_id for event in ear.heard if isinstance(event, JobStarted)]
    assert started == [working, c, b, a]


def test_remove_takes_a_job_off_the_list_but_never_a_working_one(qtbot, make_runner):
    runner = make_runner("steps")
    working, waiting = runner.submit(PROBE), runner.submit(PROBE)
    folder = runner.run(waiting).folder
    assert not runner.remove(working)
    with qtbot.waitSignal(runner.job_removed):
        assert runner.remove(waiting)
    assert runner.job_ids() == [working]
    assert (folder / "job.json").is_file()
    assert not runner.remove(waiting)


def test_an_engine_that_cannot_start_fails_the_job_with_a_name(qtbot, qapp, tmp_path):
    runner = JobRunner(command=[str(tmp_path / "no-engine")])
    job_id = runner.submit(PROBE)
    end = ended(qtbot, runner, job_id)
    assert (end.kind, runner.state(job_id)) == (ErrorKind.ENGINE_MISSING, RunState.FAILED)
    runner.shutdown()


def test_a_run_folder_deleted_under_the_queue_does_not_stop_the_queue(qtbot, make_runner):
    runner = make_runner("short")
    first, gone, last = [runner.submit(PROBE) for _ in range(3)]
    shutil.rmtree(runner.run(gone).folder)
    assert ended(qtbot, runner, last).state == "done"
    assert runner.state(first) is runner.state(last) is RunState.DONE
    assert runner.state(gone) in (RunState.DONE, RunState.FAILED)


def test_the_order_of_the_queue_survives_a_restart(qtbot, make_runner):
    first = make_runner("steps")
    working, a, b, c = [first.submit(PROBE) for _ in range(4)]
    first.move(c, 0)
    first.cancel(a)
    first.shutdown()
    second = make_runner("steps")
    second.reconcile()
    assert second.job_ids() == [working, c, b]
    assert [second.state(id_) for id_ in second.job_ids()] == [
        RunState.INTERRUPTED, RunState.RUNNING, RunState.QUEUED,
    ]


def test_shutdown_leaves_a_working_job_to_be_resumed_by_the_next_window(qtbot, make_runner):
    first = make_runner("steps")
    working, waiting = first.submit(PROBE), first.submit(PROBE)
    first_step(qtbot, first, working)
    first.shutdown()
    assert runs.status_of(runs.load_run(working)).state is RunState.INTERRUPTED
    second = make_runner("short")
    assert [run.id for run in second.reconcile()] == [working]
    assert ended(qtbot, second, waiting).state == "done"
    assert second.state(working) is RunState.INTERRUPTED
    assert second.resume(working)
    assert ended(qtbot, second, working).state == "done"


def test_what_a_killed_window_left_running_is_interrupted_at_the_next_start_and_can_be_resumed(
    qtbot, make_runner, fakes, fake_engine
):
    window = subprocess.Popen(
        [sys.executable, fakes / "window.py", *fake_engine("steps")], stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1])},
    )
    with window:
        job_id = window.stdout.readline().decode().strip()
        assert runs.status_of(runs.load_run(job_id)).state is RunState.RUNNING
        assert make_runner("short").reconcile() == []  # it lives, so nothing is taken from it
        window.kill()
    runner = make_runner("short")
    assert [run.id for run in runner.reconcile()] == [job_id]
    assert runner.state(job_id) is on_disk(runner, job_id) is RunState.INTERRUPTED
    assert runner.resume(job_id)
    assert ended(qtbot, runner, job_id).state == "done"


def test_an_interrupted_job_can_be_declined(qtbot, make_runner):
    first = make_runner("steps")
    job_id = first.submit(PROBE)
    first_step(qtbot, first, job_id)
    first.shutdown()
    runner = make_runner("short")
    runner.reconcile()
    assert runner.cancel(job_id)
    assert on_disk(runner, job_id) is RunState.CANCELED
    assert make_runner("short").reconcile() == []


def test_two_thousand_noisy_events_arrive_in_order_through_the_threads(qtbot, make_runner):
    runner = make_runner("noisy")
    steps: list[int] = []

    class Counter(QObject):
        @Slot(object)
        def on_step(self, event) -> None:
            steps.append(event.step)

    counter = Counter()
    runner.step_done.connect(counter.on_step)
    assert ended(qtbot, runner, runner.submit(PROBE)).state == "done"
    assert steps == list(range(1, 2001))


def test_there_is_a_signal_for_every_kind_of_event(make_runner):
    runner = make_runner("short")
    assert set(SIGNALS) == set(get_args(Event))
    assert all(isinstance(getattr(runner, name), SignalInstance) for name in SIGNALS.values())


def test_shutdown_without_any_job_is_quiet(make_runner):
    make_runner("short").shutdown()
