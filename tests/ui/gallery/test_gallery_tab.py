"""The gallery as every tab: remembered, named, spoken in every language, safe to use when empty."""

from __future__ import annotations

import gettext

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QSlider, QToolButton

from sketchdesk.contracts import text
from sketchdesk.library.paths import resource
from sketchdesk.ui.mnemonics import mnemonic_of


def test_what_it_looked_like_is_remembered(make_tab, pictures):
    first = make_tab()
    first.findChild(QSlider, "gallery_zoom_slider").setValue(224)
    first.filters._change(sort="prompt")
    first.view.toggle_details()
    state = first.save_state()
    second = make_tab()
    second.restore_state(state)
    assert (second.grid.zoom_px, second.filters.value().sort) == (224, "prompt")
    assert not second.inspector.isVisible()
    second.restore_state({"zoom_px": "big", "sort": 3, "splitter": [0], "details": "no"})
    assert second.grid.zoom_px == 224


def test_the_context_menu_has_what_can_be_done(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(0)
    tab.grid.customContextMenuRequested.emit(tab.grid.visualRect(tab.cells.index(0)).center())
    menu = person.child(QMenu, "gallery_context_menu")
    texts = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert texts[:2] == ["Show in full", "Give or take the star"]
    assert texts[-1] == "Move to trash"
    start = next(action for action in menu.actions() if action.objectName() == "gallery_use_start_context_action")
    with qtbot.waitSignal(tab.doings.start_wished) as wished:
        start.trigger()
    assert wished.args == [tab.looking.current().path]
    next(action for action in menu.actions() if "full" in action.text()).trigger()
    assert tab.full.isVisible()
    menu.close()


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_menu_and_no_row_of_buttons_has_two_equal_mnemonics(open_gallery, pictures, language):
    text.use_language(resource("translations"), language)
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(0)
    tab.grid.customContextMenuRequested.emit(tab.grid.visualRect(tab.cells.index(0)).center())
    tab.chosen.export()
    menus: dict[str, list[str]] = {}
    for menu in tab.findChildren(QMenu):
        menus[menu.objectName()] = [action.text() for action in menu.actions()]
    assert "gallery_context_menu" in menus and "gallery_sort_chip_menu" in menus
    for spec in tab.action_specs():
        menus.setdefault(f"the window's {spec.menu}", []).append(text._(spec.text))
    for bar in (tab.desk, tab.full, tab.comparing, tab.inspector, tab.chosen.exporting.dialog):
        buttons = [button for kind in (QPushButton, QToolButton) for button in bar.findChildren(kind)]
        menus[bar.objectName()] = [button.text() for button in buttons if not button.isHidden()]
    for name, texts in menus.items():
        letters = [letter for one in texts if (letter := mnemonic_of(one))]
        assert len(letters) == len(set(letters)), (name, texts)
    person.child(QMenu, "gallery_context_menu").close()
    tab.chosen.exporting.dialog.reject()


def test_every_action_can_be_run_on_an_empty_gallery(qtbot, open_gallery):
    person = open_gallery()
    tab = person.tab
    qtbot.waitUntil(person.child(QPushButton, "gallery_nothing_yet_button").isVisible)
    for spec in tab.action_specs():
        assert spec.is_enabled is None or spec.is_enabled() in (True, False)
        spec.run()
    qtbot.waitUntil(lambda: tab.chosen.exporting.dialog is not None)
    tab.chosen.exporting.dialog.reject()


def test_every_control_has_a_name_and_says_what_it_is_for(open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    for kind in (QPushButton, QToolButton, QLineEdit, QSlider):
        for control in tab.findChildren(kind):
            if control.objectName().startswith("qt_") or isinstance(control.parent(), QLineEdit):
                continue
            assert control.objectName(), control
            assert control.accessibleName(), control.objectName()


class Marked(gettext.NullTranslations):
    """A language in which every message is marked."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return f"«{singular if count == 1 else plural}»"


def test_another_language_is_spoken_at_once_everywhere(qtbot, make_tab, pictures, monkeypatch):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == len(pictures))
    tab.chosen.export()
    monkeypatch.setattr(text, "_catalog", Marked())
    tab.retranslate()
    buttons = [button for kind in (QPushButton, QToolButton) for button in tab.findChildren(kind)]
    own = [button for button in buttons if not button.objectName().startswith("qt_") and button.objectName()]
    assert len(own) > 40
    for button in own:
        assert "«" in button.accessibleName(), button.objectName()
        assert not any(sign.isalpha() for sign in button.text()) or "«" in button.text(), button.objectName()
    labels = [label.text() for label in tab.findChildren(QLabel) if any(sign.isalpha() for sign in label.text())]
    assert labels
    assert [words for words in labels if "«" not in words] == []
    tab.chosen.exporting.dialog.reject()
