from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton
from qasync import QEventLoop, asyncSlot

import sketchdesk
from sketchdesk.library.paths import logs_dir
from sketchdesk.ui.shell.crash import CrashGuard


class Clumsy(QObject):
    """A widget's slot that fails in a way nobody foresaw."""

    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pressed.connect(self.on_pressed)

    @Slot()
    def on_pressed(self) -> None:
        raise ZeroDivisionError("the clumsy slot")


class ClumsyAsync(QObject):
    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.pressed.connect(self.on_pressed)

    @asyncSlot()
    async def on_pressed(self) -> None:
        await asyncio.sleep(0)
        raise ZeroDivisionError("the clumsy awaiting slot")


@pytest.fixture
def guard(qapp) -> Iterator[CrashGuard]:
    guard = CrashGuard()
    guard.install()
    yield guard
    guard.uninstall()
    if guard.dialog:
        guard.dialog.close()


def reports(home: Path) -> list[str]:
    return [path.read_text() for path in sorted((home / "reports").glob("*.txt"))]


def test_an_exception_in_a_slot_shows_the_dialog_saves_a_report_and_the_window_lives_on(
    qtbot, guard, make_window, home
):
    window = make_window()
    logs_dir().mkdir()
    (logs_dir() / "window.log").write_text("what happened before\n")
    clumsy = Clumsy()
    with qtbot.waitSignal(guard.reported) as told:
        clumsy.pressed.emit()
    (report,) = reports(home)
    assert told.args == [report]
    assert "ZeroDivisionError: the clumsy slot" in report
    assert f"SketchDesk {sketchdesk.__version__}" in report
    assert "what happened before" in report
    assert guard.dialog.isVisible()
    assert guard.dialog.findChild(QPlainTextEdit, "crash_report").toPlainText() == report
    qtbot.mouseClick(guard.dialog.findChild(QPushButton, "crash_copy_button"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == report
    guard.dialog.findChild(QPushButton, "crash_close_button").click()
    assert window.isVisible()
    with qtbot.waitSignal(window._runner.job_ended, timeout=20_000):
        window.prompt.generate_requested.emit([window.prompt.value()])


def test_while_the_dialog_is_open_further_reports_are_only_saved(qtbot, guard, home):
    clumsy = Clumsy()
    with qtbot.waitSignals([guard.reported] * 3):
        for _ in range(3):
            clumsy.pressed.emit()
    first = guard.dialog
    assert len(reports(home)) == 3
    with qtbot.waitSignal(guard.reported):
        clumsy.pressed.emit()
    assert guard.dialog is first


def test_an_exception_in_a_thread_is_reported_on_the_windows_thread(qtbot, guard, home):
    def fail() -> None:
        raise ValueError("in a thread")

    thread = threading.Thread(target=fail, name="clumsy thread")
    with qtbot.waitSignal(guard.reported):
        thread.start()
    thread.join()
    assert "clumsy thread" in reports(home)[0]
    assert guard.dialog.isVisible()


def test_an_exception_in_a_finaliser_is_reported(qtbot, guard, home):
    class Clumsy:
        def __del__(self) -> None:
            raise ValueError("in a finaliser")

    with qtbot.waitSignal(guard.reported):
        Clumsy()
        gc.collect()
    assert "in a finaliser" in reports(home)[0]


@pytest.mark.parametrize("how", ["awaiting slot", "forgotten task"])
def test_an_exception_in_the_event_loop_is_reported(qapp, guard, home, how):
    clumsy = ClumsyAsync()

    async def fail() -> None:
        raise ValueError("a forgotten task")

    async def go() -> None:
        if how == "awaiting slot":
            clumsy.pressed.emit()
        else:
            task = asyncio.ensure_future(fail())
            await asyncio.wait([task])
            del task
            gc.collect()
        while not reports(home):
            await asyncio.sleep(0.01)

    with QEventLoop(qapp) as loop:
        guard.install_in_loop(loop)
        loop.run_until_complete(asyncio.wait_for(go(), 20))
    asyncio.set_event_loop(None)
    assert ("awaiting slot" in reports(home)[0]) if how == "awaiting slot" else ("forgotten" in reports(home)[0])


def test_a_report_that_cannot_be_saved_is_shown_all_the_same(qtbot, guard, home):
    (home / "reports").write_text("a file where the folder should be")
    clumsy = Clumsy()
    with qtbot.waitSignal(guard.reported) as told:
        clumsy.pressed.emit()
    assert "the clumsy slot" in told.args[0]
    assert guard.dialog.isVisible()
