"""A theme that is switched while the window runs: what is seen changes at once, what is hidden soon after."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget
from shiboken6 import delete

from sketchdesk.ui.theme.manager import DRESSED_IN_A_TURN, set_role, theme
from sketchdesk.ui.theme.tokens import DARK, LIGHT, Tokens


@pytest.fixture(autouse=True)
def light(qtbot) -> Iterator[None]:
    theme().apply("light")
    yield
    theme().apply("light")


def background(widget: QWidget) -> str:
    return widget.grab().toImage().pixelColor(widget.width() // 2, widget.height() - 6).name()


def card(qtbot, labels: int = 1, kept: bool = True) -> QFrame:
    """Show a card with so many labels; one that is not kept is the test's own to delete."""
    made = QFrame()
    set_role(made, "card")
    layout = QVBoxLayout(made)
    for _number in range(labels):
        layout.addWidget(QLabel("text"))
    if kept:
        qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def text_of(widget: QWidget) -> str:
    return widget.palette().color(widget.foregroundRole()).name()


@pytest.mark.parametrize(("choice", "colours"), [("dark", DARK), ("light", LIGHT)])
def test_what_is_seen_is_in_the_new_colours_at_once(qtbot, choice: str, colours: Tokens):
    theme().apply("light" if choice == "dark" else "dark")
    seen = card(qtbot)
    before = background(seen)
    theme().apply(choice)
    assert before != background(seen) == colours.surface
    assert text_of(seen.findChild(QLabel)) == colours.text


def test_what_is_hidden_follows_in_turns(qtbot):
    hidden = [card(qtbot, labels=DRESSED_IN_A_TURN) for _number in range(2)]
    for each in hidden:
        each.hide()
    theme().apply("dark")
    labels = [label for each in hidden for label in each.findChildren(QLabel)]
    assert any(text_of(label) != DARK.text for label in labels)
    qtbot.waitUntil(lambda: all(text_of(label) == DARK.text for label in labels))
    assert all(background(each) == DARK.surface for each in hidden)


def test_what_is_shown_before_its_turn_is_in_the_new_colours(qtbot):
    others, shown = card(qtbot, labels=5 * DRESSED_IN_A_TURN), card(qtbot)
    others.hide()
    shown.hide()
    theme().apply("dark")
    label = shown.findChild(QLabel)
    assert text_of(label) != DARK.text
    shown.show()
    assert text_of(label) == DARK.text


def test_back_again_before_all_has_followed_ends_in_the_last_colours(qtbot):
    hidden = card(qtbot, labels=3 * DRESSED_IN_A_TURN)
    hidden.hide()
    theme().apply("dark")
    theme().apply("light")
    theme().apply("dark")
    qtbot.waitUntil(lambda: all(text_of(label) == DARK.text for label in hidden.findChildren(QLabel)))


def test_what_is_deleted_meanwhile_is_passed_over(qtbot):
    stays = card(qtbot, labels=DRESSED_IN_A_TURN)
    gone = card(qtbot, labels=DRESSED_IN_A_TURN, kept=False)
    gone.hide()
    stays.hide()
    theme().apply("dark")
    delete(gone)
    qtbot.waitUntil(lambda: all(text_of(label) == DARK.text for label in stays.findChildren(QLabel)))


def test_a_role_given_later_shows_in_the_colours_in_use(qtbot):
    label = QLabel("text")
    qtbot.addWidget(label)
    label.show()
    theme().apply("dark")
    set_role(label, "muted")
    assert QColor(text_of(label)) == QColor(DARK.muted)
