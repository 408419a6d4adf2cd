"""Seeds: what is shown is what is drawn."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from sketchdesk.ui.prompt.seed_field import SeedField


@pytest.fixture
def seed(qtbot) -> SeedField:
    made = SeedField()
    made.retranslate()
    qtbot.addWidget(made)
    made.show()
    return made


def press(qtbot, seed: SeedField, name: str) -> None:
    qtbot.mouseClick(seed.findChild(QToolButton, f"prompt_seed_{name}"), Qt.MouseButton.LeftButton)


def test_the_seed_on_show_is_drawn_and_the_next_drawing_has_another(seed):
    shown = seed.text
    seed.take()
    assert seed.text == shown
    seed.take()
    assert seed.text != shown
    assert [range(int(seed.text), int(seed.text) + 1)] == list(seed.seeds())


def test_the_lock_keeps_it(seed, qtbot):
    seed.take()
    shown = seed.text
    press(qtbot, seed, "lock")
    seed.take()
    seed.take()
    assert seed.text == shown


def test_whoever_types_seeds_means_them(seed, qtbot):
    seed.line.clear()
    qtbot.keyClicks(seed.line, "1, 5-6")
    assert seed.is_kept
    seed.take()
    assert seed.seeds() == (range(1, 2), range(5, 7))


def test_the_die_gives_a_new_one_and_unlocks(seed, qtbot):
    seed.set_seeds("7", True)
    press(qtbot, seed, "dice")
    assert not seed.is_kept
    rolled = seed.text
    assert rolled != "7"
    seed.take()
    assert seed.text == rolled


def test_what_is_no_seed_is_told_and_the_last_ones_stand(seed, qtbot):
    seed.set_seeds("7", True)
    qtbot.keyClicks(seed.line, "x")
    assert "7x" in seed.problem()
    assert seed.seeds() == (range(7, 8),)
    seed.set_seeds("9", True)
    assert seed.problem() == ""
