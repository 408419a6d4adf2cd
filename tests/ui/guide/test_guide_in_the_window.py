"""The guide as the main window opens it, and the keys its page tells of."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QToolButton

from sketchdesk.library.guide.pages import Place, place_of, read_page
from sketchdesk.ui.guide.desk import HelpButton
from sketchdesk.ui.guide.guide_window import GuideWindow
from sketchdesk.ui.shell.action_book import plain
from sketchdesk.ui.shell.frame import TRAINING

KEY_NAMES = {
    "es": {"Intro": "Return", "Supr": "Del", "Mayús": "Shift", "Arriba": "Up", "Abajo": "Down"},
    "pt": {"Enter": "Return", "Cima": "Up", "Baixo": "Down"},
    "en": {"Enter": "Return"},
}


def open_guide() -> GuideWindow:
    return next(each for each in QApplication.topLevelWidgets() if isinstance(each, GuideWindow) and each.isVisible())


def test_help_opens_the_guide_beside_the_window_and_closing_remembers_it(make_window, qtbot):
    window = make_window()
    window.findChild(QAction, "guide_action").trigger()
    guide = open_guide()
    assert guide.parent() is None
    assert not guide.isModal()
    guide.show_place(Place("training", "charts"))
    window.close()
    assert not guide.isVisible()
    again = make_window()
    again.findChild(QAction, "guide_action").trigger()
    assert open_guide().place == Place("training", "charts")


def test_a_question_mark_opens_its_place(make_window, qtbot):
    window = make_window()
    button = window.findChild(QToolButton, "prompt_fold_help")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert open_guide().place == Place("drawing", "guidance")
    assert button.accessibleName()


def test_every_question_mark_leads_to_a_heading_that_is_there(make_window, qtbot):
    window = make_window()
    assert window.evaluation
    window.frame.show_page(TRAINING)
    expected = {"prompt_fold_help", "training_more_help", "training_charts_help", "evaluation_help"}
    qtbot.waitUntil(lambda: expected <= {button.objectName() for button in window.findChildren(HelpButton)})
    for button in window.findChildren(HelpButton):
        place = place_of(button._place)
        assert place is not None
        assert place.anchor in {section.anchor for section in read_page(place.page, "en").sections}


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_the_page_of_keys_holds_every_key_and_no_other(make_window, language):
    window = make_window()
    assert window.evaluation
    assert window.models
    real = {
        (QKeySequence(key).toString(), plain(entry.spec.text) if language == "en" else "")
        for entry in window._book.entries
        for key in entry.spec.shortcut.split("; ") if key
    }  # fmt: skip
    rows = re.findall(r"^\| `(.+?)` \| \*\*(.+?)\*\* \|$", read_page("keyboard", language).markdown, re.MULTILINE)
    told = set()
    for keys, action in rows:
        names = KEY_NAMES[language]
        portable = "+".join(names.get(part, part) for part in re.split(r"(?<=[^+])\+", keys))
        told.add((QKeySequence(portable).toString(), plain(action) if language == "en" else ""))
    assert told == real
