from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from sketchdesk.contracts import text
from sketchdesk.library.paths import resource
from sketchdesk.library.settings import Settings
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.late_tab import LateTab
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

MADE: list[int] = []
COUNT = 500  # more than are taken before a test looks


class Whole(QLabel):
    def retranslate(self) -> None:
        self.setText(f"whole, in {text.language()}")


def build_tab(_runner: JobRunner, _store: SettingsStore, parent: QWidget) -> Iterator[QLabel | None]:
    """Be a tab's module: this very one."""
    for number in range(COUNT):
        MADE.append(number)
        yield None
    yield Whole("whole", parent)


@pytest.fixture
def late(qtbot):
    MADE.clear()
    window, runner, background, taken = QWidget(), JobRunner(), Background(), []
    qtbot.addWidget(window)
    yield LateTab(__name__, runner, SettingsStore(Settings()), window, taken.append), background, taken
    background.shutdown()
    runner.shutdown()


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    """Under --import-mode=importlib a test module is found by its name only when that is said."""
    import sys

    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__) or __import__(__name__))


def test_it_comes_by_itself_and_is_taken_once(qtbot, late):
    tab, background, taken = late
    tab.load(background)
    assert MADE == []  # nothing of it is made before the window has had its turn
    qtbot.waitUntil(lambda: bool(taken))
    assert taken == [tab.tab]
    assert list(range(COUNT)) == MADE


def test_whoever_needs_it_has_it_at_once(late):
    tab, _background, taken = late
    assert tab.tab.text() == "whole"
    assert taken == [tab.tab]


def test_what_is_half_built_when_it_is_needed_is_finished_not_begun_again(qtbot, late):
    tab, background, _taken = late
    tab.load(background)
    qtbot.waitUntil(lambda: bool(MADE))
    assert tab.tab.text() == "whole"
    assert list(range(COUNT)) == MADE


def test_a_window_that_closes_stops_it(qtbot, late):
    tab, background, taken = late
    tab.load(background)
    qtbot.waitUntil(lambda: bool(MADE))
    tab.stop()
    made = list(MADE)
    QApplication.processEvents()
    assert (MADE, taken) == (made, [])


def test_what_was_built_before_the_language_changed_speaks_it_too(qtbot, late):
    tab, background, taken = late
    tab.load(background)
    qtbot.waitUntil(lambda: bool(MADE))
    text.use_language(resource("translations"), "es")
    assert tab.tab.text() == "whole, in es"
    assert taken == [tab.tab]
    text.use_language(resource("translations"), "en")
