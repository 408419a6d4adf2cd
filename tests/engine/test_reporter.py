from __future__ import annotations

import resource
import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import JobEnded, MetricLogged, Notice, StageChanged, StepDone
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.runs.events import EVENTS_FILE


@pytest.fixture
def said() -> list:
    return []


@pytest.fixture
def full_from() -> Iterator[Callable[[int | None], None]]:
    """Let no file of this process grow beyond a size, as on a full disk; None lifts it."""
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    def limit(size_bytes: int | None) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before[0] if size_bytes is None else size_bytes, before[1]))

    yield limit
    limit(None)
    signal.signal(signal.SIGXFSZ, handler)


def read(folder) -> list:
    return [wire.decode_event(line) for line in (folder / EVENTS_FILE).read_bytes().splitlines()]


def test_events_are_stamped_and_the_file_holds_what_the_sink_got(said, tmp_path):
    before_s = time.time()
    reporter = Reporter(said.append, "job-1", tmp_path)
    reporter.notice("careful", level="warning")
    reporter.emit(MetricLogged(step=3, values={"loss": 0.5}))
    reporter.emit(JobEnded(state="done", result={"images": 2}))
    assert [type(event) for event in said] == [Notice, MetricLogged, JobEnded]
    assert {event.job_id for event in said} == {"job-1"}
    times = [event.time_s for event in said]
    assert times == sorted(times)
    assert before_s <= times[0] <= time.time()
    assert read(tmp_path) == said


def test_each_event_is_on_disk_before_the_next_is_said(tmp_path):
    lines: list[int] = []
    reporter = Reporter(lambda event: lines.append(len(read(tmp_path))), run_dir=tmp_path)
    for step in range(3):
        reporter.emit(MetricLogged(step=step, values={}))
    reporter.emit(JobEnded(state="done"))
    assert lines == [1, 2, 3, 4]


def test_a_line_torn_by_a_killed_engine_does_not_spoil_the_next(said, tmp_path):
    (tmp_path / EVENTS_FILE).write_bytes(b'{"type":"Notice","message":"whole"}\n{"type":"Noti')
    reporter = Reporter(said.append, run_dir=tmp_path)
    reporter.emit(JobEnded(state="done"))
    lines = (tmp_path / EVENTS_FILE).read_bytes().splitlines()
    assert len(lines) == 3
    assert wire.decode_event(lines[2]) == said[0]


def test_steps_tell_the_rate_and_the_time_left_of_the_stage(said):
    reporter = Reporter(said.append)
    reporter.stage("denoising", 1, 3)
    reporter.step(1, 4)
    reporter.step(4, 4)
    assert (said[0].stage, said[0].index, said[0].total) == ("denoising", 1, 3)
    first, last = said[1:]
    assert first.eta_s == pytest.approx(3 / first.rate_per_s)
    assert last.eta_s == 0.0


def test_steps_an_earlier_run_did_are_not_in_the_rate(said):
    reporter = Reporter(said.append)
    reporter.stage("training", already_done=1_000_000)
    began_s = time.monotonic()
    reporter.step(1_000_001, 1_000_003)
    elapsed_s = time.monotonic() - began_s
    assert said[-1].rate_per_s * elapsed_s < 10
    assert said[-1].eta_s == pytest.approx(2 / said[-1].rate_per_s)


def test_no_rate_is_made_up_where_nothing_was_done(said):
    reporter = Reporter(said.append)
    reporter.stage("loading")
    reporter.step(0, 5)
    assert said[-1] == StepDone(step=0, total=5, time_s=said[-1].time_s)


def test_cancel_raises_at_the_next_step_after_the_step_was_said(said):
    reporter = Reporter(said.append)
    reporter.step(1, 3)
    reporter.cancel()
    with pytest.raises(Cancelled):
        reporter.step(2, 3)
    assert [event.step for event in said] == [1, 2]


def test_a_paused_job_waits_at_its_step_until_it_may_go_on(said):
    reached = threading.Event()
    reporter = Reporter(lambda event: (said.append(event), reached.set()))
    reporter.set_paused(True)
    worker = threading.Thread(target=lambda: (reporter.step(1, 2), reporter.step(2, 2)))
    worker.start()
    assert reached.wait(10)
    worker.join(0.1)
    assert worker.is_alive()
    assert [event.step for event in said] == [1]
    reporter.set_paused(False)
    worker.join(10)
    assert [event.step for event in said] == [1, 2]


def test_the_time_of_a_pause_is_not_in_the_rate(said):
    reporter = Reporter(said.append)
    reporter.stage("training")
    reporter.set_paused(True)
    pause_s = 0.3
    timer = threading.Timer(pause_s, reporter.set_paused, [False])
    timer.start()
    reporter.check_cancelled()
    reporter.step(1, 2)
    timer.join()
    assert said[-1].rate_per_s > 1 / pause_s


@pytest.mark.parametrize("first", ["pause", "cancel"])
def test_a_job_both_paused_and_canceled_is_canceled(first, said):
    reporter = Reporter(said.append)
    actions = [lambda: reporter.set_paused(True), reporter.cancel]
    for action in actions if first == "pause" else reversed(actions):
        action()
    with pytest.raises(Cancelled):
        reporter.check_cancelled()


def test_a_full_disk_ends_nothing_and_the_log_catches_up_in_order(said, tmp_path, full_from):
    reporter = Reporter(said.append, run_dir=tmp_path)
    reporter.notice("before")
    full_from((tmp_path / EVENTS_FILE).stat().st_size + 30)  # the next line is torn
    for step in range(5):
        reporter.emit(MetricLogged(step=step, values={"loss": 0.5}))
        reporter.step(step, 5)
    assert [event.step for event in said if isinstance(event, MetricLogged)] == [0, 1, 2, 3, 4]
    full = [event for event in said if isinstance(event, Notice) and "disk is full" in event.message]
    assert [event.level for event in full] == ["warning"]
    full_from(None)
    reporter.emit(JobEnded(state="done"))
    waited = [event for event in said if not isinstance(event, StepDone)]
    assert read(tmp_path) == waited


def test_a_disk_that_stays_full_is_told_once_and_the_end_is_heard(said, tmp_path, full_from, monkeypatch):
    monkeypatch.setattr("sketchdesk.library.runs.events.MOST_WAITING_BYTES", 2000)
    reporter = Reporter(said.append, run_dir=tmp_path)
    reporter.notice("before")
    size = (tmp_path / EVENTS_FILE).stat().st_size
    full_from(size)
    for step in range(100):
        reporter.emit(MetricLogged(step=step, values={"loss": 0.5}))
    assert sum(map(len, reporter._log._waiting)) <= 2000
    reporter.emit(JobEnded(state="failed"))
    assert isinstance(said[-1], JobEnded)
    assert sum(isinstance(event, Notice) for event in said) == 2
    assert (tmp_path / EVENTS_FILE).stat().st_size == size


def test_another_trouble_with_the_log_is_raised_but_the_sink_still_hears(said, tmp_path):
    reporter = Reporter(said.append, run_dir=tmp_path)
    reporter._log._file.close()
    with pytest.raises(ValueError, match="closed"):
        reporter.stage("drawing")
    assert isinstance(said[0], StageChanged)


def test_threads_do_not_mix_their_lines(tmp_path):
    reporter = Reporter(lambda event: None, run_dir=tmp_path)
    threads = [
        threading.Thread(target=lambda n=n: [reporter.notice(f"{n} {'x' * 3000}") for _ in range(50)]) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reporter.emit(JobEnded(state="done"))
    assert len(read(tmp_path)) == 401
