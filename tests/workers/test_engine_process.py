from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

import sketchdesk
from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import DeviceFound, Event, StepDone
from sketchdesk.contracts.jobs import ProbeJob, TrainJob
from sketchdesk.contracts.wire import RunJob
from sketchdesk.workers.engine_process import TAIL_LINES, EngineProcess, Graces
from sketchdesk.workers.outcome import Outcome

FAST = Graces(cancel_s=0.2, terminate_s=0.2, close_s=0.5)

Start = Callable[..., EngineProcess]


@pytest.fixture
def start(fake_engine) -> Iterator[Start]:
    engines: list[EngineProcess] = []

    def start_engine(work: str | None, graces: Graces | None = None) -> EngineProcess:
        engines.append(EngineProcess(fake_engine(work), graces))
        return engines[-1]

    yield start_engine
    for engine in engines:
        engine.close()


def request(folder: Path, job_id: str = "job") -> RunJob:
    (folder / job_id).mkdir()
    return RunJob(job_id=job_id, job=ProbeJob(), run_dir=str(folder / job_id))


def after_first_step(events: Iterator[Event]) -> None:
    assert any(isinstance(event, StepDone) for event in events)


def ends_within(process: psutil.Process, bound_s: float) -> bool:
    """Whether it runs no longer; a zombie nobody reaps (as where the first process of a container does not) is dead."""
    give_up_s = time.monotonic() + bound_s
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > give_up_s:
            return False
        with suppress(psutil.TimeoutExpired):
            process.wait(0.01)
    return True


def test_a_real_engine_does_a_real_job_and_stays_warm_for_the_next(start, tmp_path):
    engine = start(None)
    for name in ("one", "two"):
        events = list(engine.run(request(tmp_path, name)))
        assert [type(event).__name__ for event in events] == [
            "JobStarted", "StageChanged", *["DeviceFound", "StepDone"] * (len(events) // 2 - 1), "JobEnded",
        ]
        assert {event.job_id for event in events} == {name}
        assert events[0].pid == engine.pid
        assert any(isinstance(event, DeviceFound) and event.device == "cpu" for event in events)
        assert events[-1].state == "done"
        saved = (tmp_path / name / "events.jsonl").read_bytes().splitlines()
        assert [wire.decode_event(line) for line in saved] == events


def test_two_thousand_events_arrive_whole_and_in_order_through_print_noise(start, tmp_path):
    events = list(start("noisy").run(request(tmp_path)))
    assert [event.step for event in events if isinstance(event, StepDone)] == list(range(1, 2001))
    assert events[-1].state == "done"


def test_cancel_in_the_middle_ends_the_job_and_keeps_the_engine(start, tmp_path):
    engine = start("steps")
    events = engine.run(request(tmp_path))
    after_first_step(events)
    engine.cancel("job")
    assert list(events)[-1].state == "canceled"
    assert engine.is_alive


def test_a_paused_job_can_go_on_and_a_held_one_can_be_canceled(start, tmp_path):
    engine = start("hundred")
    events = engine.run(request(tmp_path, "goes on"))
    after_first_step(events)
    engine.pause("goes on", True)
    engine.pause("goes on", False)
    assert list(events)[-1].state == "done"
    events = engine.run(request(tmp_path, "held"))
    after_first_step(events)
    engine.pause("held", True)
    engine.cancel("held")
    assert list(events)[-1].state == "canceled"


def test_a_job_that_does_not_listen_is_terminated(start, tmp_path):
    engine = start("stubborn", FAST)
    events = engine.run(request(tmp_path))
    after_first_step(events)
    engine.cancel("job")
    assert [event.state for event in events] == ["canceled"]
    assert engine.close().code == -signal.SIGTERM


def test_a_training_is_given_the_time_to_save(start, tmp_path):
    engine = start("saves_at_the_end", FAST)
    job = TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(tmp_path))
    (tmp_path / "job").mkdir()
    events = engine.run(RunJob(job_id="job", job=job, run_dir=str(tmp_path / "job")))
    after_first_step(events)
    engine.cancel("job")
    *_others, told, ended = events
    assert (told.message, ended.state) == ("saved", "canceled")
    assert engine.is_alive


def test_a_job_that_ignores_terminate_is_killed(start, tmp_path):
    engine = start("deaf", FAST)
    events = engine.run(request(tmp_path))
    after_first_step(events)
    engine.cancel("job")
    assert [event.state for event in events] == ["canceled"]
    assert engine.close().code == -signal.SIGKILL


def test_an_engine_killed_from_outside_fails_its_job_with_a_sentence(start, tmp_path):
    engine = start("steps")
    events = engine.run(request(tmp_path))
    after_first_step(events)
    os.kill(engine.pid, signal.SIGKILL)
    ended = list(events)[-1]
    assert (ended.state, ended.kind) == ("failed", ErrorKind.ENGINE_DIED)
    assert "SIGKILL" in ended.message
    assert ended.next_step
    assert not engine.is_alive


def test_a_crash_in_native_code_is_named_and_its_last_words_kept(start, tmp_path):
    ended = list(start("segfaults").run(request(tmp_path)))[-1]
    assert ended.kind == ErrorKind.ENGINE_DIED
    assert "SIGSEGV" in ended.message
    assert "the last words" in ended.details


def test_the_kept_stderr_is_bounded_and_is_the_end_of_it(start, tmp_path):
    ended = list(start("exits").run(request(tmp_path)))[-1]
    assert "exit code 3" in ended.message
    lines = ended.details.splitlines()
    assert lines[-1] == "line 4999"
    assert len(lines) <= TAIL_LINES


def test_an_engine_that_cannot_start_is_an_error_with_a_name(tmp_path):
    with pytest.raises(SketchDeskError) as caught:
        EngineProcess([str(tmp_path / "nothing-here")])
    assert caught.value.kind == ErrorKind.ENGINE_MISSING


@pytest.mark.parametrize("work", ["steps", "stubborn", "deaf", "holds_the_gil"])
def test_closing_ends_the_engine_whatever_it_is_doing(start, tmp_path, work):
    engine = start(work, FAST)
    after_first_step(engine.run(request(tmp_path)))
    engine.close()
    assert not engine.is_alive


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child whose native code lets nothing else run")
@pytest.mark.parametrize("work", ["steps", "holds_the_gil"])
def test_the_engine_is_gone_within_a_second_of_its_parents_death(work, fakes, fake_engine):
    parent = subprocess.Popen(
        [sys.executable, fakes / "parent.py", *fake_engine(work)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1])},
    )
    with parent:
        assert parent.stdout is not None
        engine = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        parent.wait()
        assert ends_within(engine, 1.0)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-signal.SIGKILL, "SIGKILL; the system does so when memory runs out"),
        (-signal.SIGSEGV, "crash in native code, SIGSEGV"),
        (-signal.SIGTERM, "killed by SIGTERM"),
        (-250, "signal 250"),
        (0, "ended before the job did"),
        (3, "exit code 3"),
        (0xC0000005, "crash in native code, exit code 0xc0000005"),
    ],
)
def test_an_outcome_says_itself(code, words):
    assert words in str(Outcome(code))
