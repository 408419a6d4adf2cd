"""Something made step by step: the window goes on between two steps, and whoever cannot wait gets the rest at once."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QTimer

from sketchdesk.ui.turns import Turns


def steps(done: list[str], count: int = 3) -> Iterator[None]:
    for number in range(count):
        done.append(str(number))
        yield


def test_other_things_happen_between_two_steps(qtbot):
    done: list[str] = []
    turns = Turns(steps(done))
    other = QTimer(interval=0)
    other.timeout.connect(lambda: done.append("other"))
    other.start()
    qtbot.waitUntil(lambda: "2" in done)
    other.stop()
    assert "other" in done[: done.index("2")]
    assert [each for each in done if each != "other"] == ["0", "1", "2"]
    turns.stop()


def test_what_is_left_can_be_had_at_once(qtbot):
    done: list[str] = []
    turns = Turns(steps(done))
    qtbot.waitUntil(lambda: bool(done))
    turns.finish()
    assert done == ["0", "1", "2"]


def test_stopped_nothing_more_is_done(qtbot):
    done: list[str] = []
    turns = Turns(steps(done))
    turns.stop()
    qtbot.wait(20)
    assert done == []
