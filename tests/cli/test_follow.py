from __future__ import annotations

import io
import os
import signal
import sys
from itertools import count
from pathlib import Path

import pytest

from sketchdesk.cli.console import Console
from sketchdesk.cli.follow import STOP_SIGNALS, Record, follow, tell
from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.contracts.events import CheckpointSaved, ImageSaved, JobEnded
from sketchdesk.engine.reporter import Cancelled, Reporter

NEVER_STOPS = """
import signal, sys
from sketchdesk.cli.console import Console
from sketchdesk.cli.follow import follow
def task(reporter):
    print("working", file=sys.stderr, flush=True)
    while True:
        signal.pause()
follow(task, Console())
"""


def image(path: Path) -> ImageSaved:
    return ImageSaved(path=str(path), prompt="a dog", seed=0, width=64, height=64, seconds=1.0)


@pytest.fixture
def console() -> Console:
    return Console(stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.parametrize("number", STOP_SIGNALS)
def test_a_stop_signal_cancels_at_the_next_step_and_keeps_what_is_finished(
    console: Console, tmp_path: Path, number: int
) -> None:
    before = signal.getsignal(number)

    def task(reporter: Reporter) -> JobEnded:
        reporter.emit(image(tmp_path / "1.png"))
        os.kill(os.getpid(), number)
        try:
            for step in count(1):
                reporter.step(step, 10**9)
        except Cancelled:
            return JobEnded(state="canceled")
        raise AssertionError

    ended, record = follow(task, console, tmp_path)
    assert ended.state == "canceled"
    assert record.kept() == f"Kept: 1 image in {tmp_path}."
    assert tell(ended, record, console) == 130
    assert signal.getsignal(number) is before
    assert b"ImageSaved" in (tmp_path / "events.jsonl").read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signal.pause")
def test_the_second_stop_signal_ends_the_process_at_once(start) -> None:
    process = start("-c", NEVER_STOPS, command=())
    assert process.stderr.readline() == "working\n"
    process.send_signal(signal.SIGINT)
    assert process.stderr.readline().startswith("Stopping at the next step")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == -signal.SIGINT


def test_what_libraries_print_does_not_reach_standard_output(
    console: Console, capsys: pytest.CaptureFixture[str]
) -> None:
    def task(_reporter: Reporter) -> JobEnded:
        sys.stdout.write("a library's remark\n")
        return JobEnded(state="done")

    follow(task, console)
    assert capsys.readouterr() == ("", "a library's remark\n")


def test_what_was_kept_is_told_together() -> None:
    record = Record()
    assert record.kept() == "Nothing was kept: no image or checkpoint had been finished."
    for event in (image(Path("out/1.png")), image(Path("out/2.png")), CheckpointSaved(step=7, path="run/step-7")):
        record.note(event)
    assert record.kept() == f"Kept: 2 images in {Path('out')}; the checkpoint of step 7 in run/step-7."


def test_a_failure_shows_its_trace_only_when_nobody_foresaw_it() -> None:
    for kind, shown in ((ErrorKind.INTERNAL, True), (ErrorKind.MODEL_NOT_FOUND, False)):
        err = io.StringIO()
        ended = JobEnded(state="failed", kind=kind, message="It failed.", next_step="Do this.", details="Traceback …")
        tell(ended, Record(), Console(stderr=err))
        assert "It failed. Do this." in err.getvalue()
        assert ("Traceback" in err.getvalue()) == shown
