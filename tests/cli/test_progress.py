from __future__ import annotations

import io

import pytest

from sketchdesk.cli.console import Console
from sketchdesk.cli.progress import Progress, duration_text, rate_text, step_line
from sketchdesk.contracts.events import (
    CheckpointSaved,
    JobEnded,
    JobStarted,
    MetricLogged,
    Notice,
    StageChanged,
    StepDone,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def progress_to(stream: io.StringIO) -> tuple[Progress, Clock]:
    clock = Clock()
    return Progress(Console(stdout=io.StringIO(), stderr=stream), clock), clock


def test_a_step_says_stage_share_rate_loss_and_time_left() -> None:
    line = step_line("training 3/4", StepDone(step=30, total=120, eta_s=45.2, rate_per_s=2.0), loss=0.12345)
    assert line == "training 3/4  [######..................]  30/120  2.0/s  loss 0.1235  0:45 left"


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.6, "1:00"), (3599, "59:59"), (3661, "1:01:01")])
def test_durations_read_as_clock_times(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_slow_rates_are_told_as_seconds_each() -> None:
    assert rate_text(12.34) == "12.3/s"
    assert rate_text(0.25) == "4.0 s each"


def test_a_terminal_is_redrawn_ten_times_a_second_and_ends_clean() -> None:
    terminal = Terminal()
    progress, clock = progress_to(terminal)
    progress(StageChanged(stage="drawing"))
    for step in range(1, 101):
        clock.now_s += 0.01
        progress(StepDone(step=step, total=1000))
    progress(JobEnded(state="done"))
    assert terminal.getvalue().count("/1000") in (10, 11)
    assert "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")


def test_a_log_gets_a_line_now_and_then_and_the_last_step() -> None:
    log = io.StringIO()
    progress, clock = progress_to(log)
    progress(StageChanged(stage="drawing", index=1, total=2))
    for step in range(1, 101):
        clock.now_s += 0.125
        progress(StepDone(step=step, total=100))
    lines = log.getvalue().splitlines()
    assert lines[0] == "drawing 2/2 …"
    assert [line.split()[-1] for line in lines[1:]] == ["1/100", "41/100", "81/100", "100/100"]


def test_a_new_stage_forgets_the_loss_of_the_last() -> None:
    log = io.StringIO()
    progress, _clock = progress_to(log)
    progress(MetricLogged(step=1, values={"loss": 0.5}))
    progress(StepDone(step=1, total=1))
    progress(StageChanged(stage="saving"))
    progress(StepDone(step=1, total=1))
    with_loss, _stage, without = log.getvalue().splitlines()
    assert "loss 0.5000" in with_loss
    assert "loss" not in without


def test_what_a_person_should_know_is_said() -> None:
    log = io.StringIO()
    progress, _clock = progress_to(log)
    progress(JobStarted(pid=1, device="cpu", precision="bf16", num_threads=2))
    progress(Notice(message="A long prompt was cut."))
    progress(CheckpointSaved(step=20, path="run/checkpoints/step-20"))
    assert log.getvalue().splitlines() == [
        "Running on cpu, bf16, 2 threads.", "A long prompt was cut.", "Checkpoint of step 20: run/checkpoints/step-20",
    ]
