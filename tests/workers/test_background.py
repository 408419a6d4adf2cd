from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QThread

from sketchdesk.workers.background import Background


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
