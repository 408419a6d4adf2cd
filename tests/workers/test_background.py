from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QThread

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.workers.background import Background, or_failure


@pytest.fixture
def background(qapp):
    made = Background()
    yield made
    made.shutdown()


def test_work_is_done_elsewhere_and_told_here(qtbot, background):
    told = []
    background.do(threading.get_ident, lambda ident: told.append((ident, QThread.currentThread())))
    qtbot.waitUntil(lambda: bool(told))
    [(ident, thread)] = told
    assert ident != threading.get_ident()
    assert thread is background.thread()


def test_an_error_goes_to_whoever_wants_it(qtbot, background):
    errors = []
    background.do(lambda: 1 / 0, errors.append, errors.append)
    qtbot.waitUntil(lambda: bool(errors))
    assert isinstance(errors[0], ZeroDivisionError)


def test_an_error_nobody_wants_is_raised_on_the_windows_thread(qtbot, background):
    with qtbot.capture_exceptions() as caught:
        background.do(lambda: 1 / 0, lambda result: None)
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError


def test_after_the_end_nothing_is_told(qtbot, background):
    started, go, told = threading.Event(), threading.Event(), []

    def work() -> None:
        started.set()
        go.wait(20)

    background.do(work, told.append)
    started.wait(20)
    go.set()
    background.shutdown()
    background.do(work, told.append)
    qtbot.wait(1)
    assert told == []


def test_a_failure_of_writing_has_a_name_and_is_what_comes_of_the_work(tmp_path):
    def full() -> Path:
        raise SketchDeskError(ErrorKind.DISK_FULL)

    missing = tmp_path / "nowhere" / "file"
    failed, refused = or_failure(lambda: missing.write_text("x")), or_failure(full)
    assert (failed.kind, failed.what) == (ErrorKind.NOT_WRITABLE, str(missing))
    assert refused.kind is ErrorKind.DISK_FULL
    assert or_failure(lambda: tmp_path) == tmp_path
