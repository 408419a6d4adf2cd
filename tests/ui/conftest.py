"""Windows for the tests: over an engine that does what its name says, closed without a question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from sketchdesk.library.settings import Settings
from sketchdesk.ui.language import speak
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

if TYPE_CHECKING:
    from sketchdesk.ui.main_window import MainWindow



@pytest.fixture(autouse=True)
def closed_is_gone() -> Iterator[None]:
    """Qt deletes what a test closed, as a running event loop does.

    Left to Python's garbage collector, the parts of a window go in any order, and in the middle of another's painting.
    """
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


@pytest.fixture(autouse=True)
def english_window(english: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Numbers and Qt's own words are English too, before and after a test that switches the language."""
    monkeypatch.setenv("LANGUAGE", "en")
    speak("en")
    yield
    speak("en")


@pytest.fixture
def make_window(qtbot, monkeypatch, fake_engine) -> Iterator[Callable[..., MainWindow]]:
    from sketchdesk.ui.main_window import MainWindow

    monkeypatch.setenv("LANGUAGE", "en")
    made: list[tuple[MainWindow, JobRunner]] = []

    def make(work: str | None = "draws", settings: Settings | None = None) -> MainWindow:
        runner = JobRunner(command=fake_engine(work), graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5))
        window = MainWindow(runner, SettingsStore(settings or Settings(language="en")))
        window.asks_before_quitting = False
        made.append((window, runner))
        window.show()
        return window

    yield make
    for window, runner in made:
        window.asks_before_quitting = False
        window.close()
        runner.shutdown()
        window.deleteLater()
