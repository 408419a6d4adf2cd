from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit, QMainWindow, QMenu, QPushButton, QTreeWidget, QVBoxLayout, QWidget

from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.shell.action_book import ActionBook, plain, shortcut_groups
from sketchdesk.ui.shell.help_sheet import HelpSheet


class Desk(QMainWindow):
    """A window with two places, each with actions."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[str] = []
        self.possible = True
        self.left, self.right = QPushButton("left"), QPushButton("right")
        self.field = QLineEdit()
        central = QWidget()
        layout = QVBoxLayout(central)
        for widget in (self.left, self.right, self.field):
            layout.addWidget(widget)
        self.setCentralWidget(central)
        self.book = ActionBook(self)
        self.book.add(
            [
                self.spec("open", "&Open…", "Ctrl+O"),
                self.spec("maybe", "Maybe", "Ctrl+M", is_enabled=lambda: self.possible),
                self.spec("help", "Help", "F1; ?"),
            ]
        )
        places = {"star": self.left, "stop": self.right}
        self.book.add([self.spec(name, name.title(), ".", owner=place) for name, place in places.items()])
        self.book.add_submenu("Theme", [self.spec("theme_dark", "Dark", is_checked=lambda: "theme_dark" in self.done)])
        self.book.retranslate()

    def spec(self, name: str, text: str, shortcut: str = "", **more: object) -> ActionSpec:
        return ActionSpec(name, text, "file", lambda: self.done.append(name), shortcut, **more)


@pytest.fixture
def desk(qtbot) -> Desk:
    desk = Desk()
    qtbot.addWidget(desk)
    desk.show()
    desk.activateWindow()
    qtbot.waitUntil(desk.isActiveWindow)
    return desk


def test_the_menus_hold_every_action_and_the_others_stay_away(desk):
    menu = desk.findChild(QMenu, "file_menu")
    assert [action.text() for action in menu.actions() if action.text()] == [
        "&Open…", "Maybe", "Help", "Star", "Stop", "Theme",
    ]  # fmt: skip
    assert menu.menuAction().isVisible()
    assert not desk.findChild(QMenu, "edit_menu").menuAction().isVisible()


def test_what_is_added_late_stands_above_what_a_menu_ends_with(qtbot):
    window = QMainWindow()
    qtbot.addWidget(window)
    book = ActionBook(window)

    def add(name: str, **more: bool) -> None:
        book.add([ActionSpec(name, name, menu, print) for menu in ("file", "help")], **more)

    def texts(menu: str) -> list[str]:
        return [action.text() for action in window.findChild(QMenu, f"{menu}_menu").actions()]

    book.add([ActionSpec("first", "first", "file", print)])
    add("last", last=True)
    add("late")
    add("later")
    book.retranslate()
    line = ""
    assert [text.replace("&", "") for text in texts("file")] == ["first", line, "late", line, "later", line, "last"]
    assert [text.replace("&", "") for text in texts("help")] == ["late", line, "later", line, "last"]


def test_a_key_means_what_the_place_says(qtbot, desk):
    for place, name in ((desk.left, "star"), (desk.right, "stop")):
        place.setFocus()
        qtbot.keyClick(place, ".")
        assert desk.done[-1] == name
    desk.field.setFocus()
    qtbot.keyClick(desk.field, ".")
    assert len(desk.done) == 2
    assert desk.field.text() == "."


def test_several_keys_may_do_the_same(qtbot, desk):
    desk.left.setFocus()
    qtbot.keyClick(desk.left, Qt.Key.Key_F1)
    qtbot.keyClick(desk.left, "?")
    assert desk.done == ["help", "help"]


def test_what_cannot_be_done_is_not_done_and_can_be_once_it_can(qtbot, desk):
    desk.possible = False
    menu, action = desk.findChild(QMenu, "file_menu"), desk.findChild(QAction, "maybe_action")
    menu.aboutToShow.emit()
    assert not action.isEnabled()
    menu.aboutToHide.emit()
    desk.left.setFocus()
    qtbot.keyClick(desk.left, "m", Qt.KeyboardModifier.ControlModifier)
    assert desk.done == []
    desk.possible = True
    qtbot.keyClick(desk.left, "m", Qt.KeyboardModifier.ControlModifier)
    assert desk.done == ["maybe"]


def test_a_choice_shows_what_is_chosen(desk):
    action = desk.findChild(QAction, "theme_dark_action")
    assert not action.isChecked()
    action.trigger()
    assert action.isChecked()


def test_titles_for_the_palette_carry_no_marks(desk):
    titles = [entry.title for entry in desk.book.entries]
    assert titles == ["Open", "Maybe", "Help", "Star", "Stop", "Theme: Dark"]
    assert plain("Save && quit…") == "Save & quit"


def test_the_help_lists_every_key_and_finds_by_action_and_by_key(qtbot, desk):
    sheet = HelpSheet(desk.book)
    qtbot.addWidget(sheet)
    listed = sheet.findChild(QTreeWidget, "help_list")

    def shown() -> list[tuple[str, str]]:
        group = listed.topLevelItem(0)
        return [(group.child(n).text(0), group.child(n).text(1)) for n in range(group.childCount())] if group else []

    assert shown() == [("Open", "Ctrl+O"), ("Maybe", "Ctrl+M"), ("Help", "F1  ?"), ("Star", "."), ("Stop", ".")]
    search = sheet.findChild(QLineEdit, "help_search")
    search.setText("ctrl+m")
    assert shown() == [("Maybe", "Ctrl+M")]
    search.setText("nothing like it")
    assert shown() == []
    assert all(entry.title in sheet.text() for _title, entries in shortcut_groups(desk.book) for entry in entries)


def test_two_entries_of_a_menu_never_share_a_letter(desk):
    desk.book.add([desk.spec("other", "&Other one")])
    desk.book.retranslate()
    texts = [action.text() for action in desk.findChild(QMenu, "file_menu").actions() if "ther" in action.text()]
    assert texts == ["O&ther one"]
    assert desk.findChild(QAction, "open_action").text() == "&Open…"
