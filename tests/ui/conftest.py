"""Windows for the tests: over an engine that does what its name says, closed without a question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sketchdesk.library.settings import Settings
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

FAKE_ENGINE = Path(__file__).parent.parent / "fakes" / "engine.py"


@pytest.fixture
def make_window(qtbot, monkeypatch) -> Iterator[Callable[..., MainWindow]]:
    made: list[tuple[MainWindow, JobRunner]] = []
    monkeypatch.setattr(MainWindow, "_may_interrupt", lambda window, count: True)

    def make(work: str | None = "draws", settings: Settings | None = None) -> MainWindow:
        command = [sys.executable, str(FAKE_ENGINE), work] if work else None
        runner = JobRunner(command=command, graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5))
        window = MainWindow(runner, settings or Settings())
        made.append((window, runner))
        window.show()
        return window

    yield make
    for window, runner in made:
        window.close()
        runner.shutdown()
        window.deleteLater()
