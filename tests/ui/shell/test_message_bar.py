from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QListWidget, QPlainTextEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from sketchdesk.ui.message import Message
from sketchdesk.ui.shell.message_bar import MessageBar

ERROR = Message("The disk is full.", "Free some space.", "No space left on device", "error")


@pytest.fixture
def bar(qtbot) -> MessageBar:
    window = QWidget()
    layout = QVBoxLayout(window)
    bar = MessageBar()
    layout.addWidget(bar.panel)
    layout.addWidget(bar)
    window.resize(900, 300)
    qtbot.addWidget(window)
    window.show()
    bar.window_ = window
    return bar


def click(qtbot, bar: MessageBar, kind: type, name: str) -> None:
    button = bar.window_.findChild(kind, name)
    assert button.isVisible(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_message_shows_its_sentence_and_its_next_step(bar):
    assert bar.text == ""
    bar.show_message(ERROR)
    assert bar.text == "The disk is full. Free some space."
    bar.dismiss()
    assert bar.text == ""


def test_an_info_does_not_push_an_error_away_but_can_be_looked_up(qtbot, bar):
    bar.show_message(ERROR)
    bar.show_message(Message("30 images were drawn.", level="good"))
    assert bar.current == ERROR
    click(qtbot, bar, QToolButton, "message_more_button")
    others = bar.panel.findChild(QListWidget, "message_list")
    assert [others.item(0).text()] == ["30 images were drawn."]
    others.itemActivated.emit(others.item(0))
    assert bar.text == "30 images were drawn."
    assert bar.others == [ERROR]


def test_a_newer_error_takes_the_place_of_an_older_message(bar):
    bar.show_message(Message("first"))
    bar.show_message(ERROR)
    bar.show_message(Message("worse", level="error"))
    assert bar.text == "worse"
    assert [other.text for other in bar.others] == ["The disk is full.", "first"]


def test_the_same_message_again_is_not_kept_twice(bar):
    for _number in range(3):
        bar.show_message(ERROR)
    assert bar.others == []


def test_details_open_can_be_copied_and_close_with_their_message(qtbot, bar):
    bar.show_message(ERROR)
    click(qtbot, bar, QToolButton, "message_details_button")
    assert bar.panel.isVisible()
    assert bar.panel.findChild(QPlainTextEdit, "message_details").toPlainText() == ERROR.details
    click(qtbot, bar, QPushButton, "message_copy_button")
    assert QGuiApplication.clipboard().text() == ERROR.details
    click(qtbot, bar, QToolButton, "message_close_button")
    assert not bar.panel.isVisible()


def test_an_offer_can_be_taken_once(qtbot, bar):
    done = []
    bar.show_message(Message("2 images were deleted.", action_text="Undo", action=lambda: done.append(1)))
    click(qtbot, bar, QPushButton, "message_action_button")
    assert done == [1]
    assert bar.text == ""


def test_the_earlier_messages_can_be_forgotten(qtbot, bar):
    bar.show_message(Message("first"))
    bar.show_message(Message("second"))
    click(qtbot, bar, QToolButton, "message_more_button")
    click(qtbot, bar, QPushButton, "message_clear_button")
    assert bar.others == []
    assert not bar.panel.isVisible()


def test_only_so_many_are_kept(bar):
    for number in range(100):
        bar.show_message(Message(f"message {number}"))
    assert len(bar.others) == 30
    assert bar.others[0].text == "message 98"
