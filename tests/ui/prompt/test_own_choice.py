"""Values that may be left to the model."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from sketchdesk.ui.language import speak
from sketchdesk.ui.prompt.own_choice import OwnChoice, OwnNumber, parse_guidance, parse_size, size_text


@pytest.mark.parametrize(("text", "value"), [("7.5", 7.5), ("7,5", 7.5), ("0", 0.0), ("100", 100.0), ("", None)])
def test_guidance_is_a_number_or_the_models_own(text, value):
    assert parse_guidance(text).value == value
    assert parse_guidance(text).problem == ""


@pytest.mark.parametrize("text", ["x", "-1", "101", "nan", "inf", "1e999", "7.5.5"])
def test_other_guidance_has_a_reason(text):
    assert parse_guidance(text).value is None
    assert parse_guidance(text).problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("128 × 256", (128, 256)), ("128x256", (128, 256)), ("128*256", (128, 256)), ("128 256", (128, 256)),
        ("– × 64", (None, 64)), ("64 × -", (64, None)), ("", (None, None)),
    ],
)  # fmt: skip
def test_sizes_are_read_as_people_write_them(text, value):
    assert parse_size(text, 16).value == value
    assert parse_size(size_text(*value), 16).value == value


@pytest.mark.parametrize(
    ("text", "words"),
    [("130 × 128", "128 instead of 130"), ("8 × 64", "16 to 4096"), ("64 × 8192", "16 to 4096"), ("wide", "like 512"),
     ("64", "like 512"), ("24 x 64", "instead of 24")],
)  # fmt: skip
def test_other_sizes_have_a_reason(text, words):
    assert parse_size(text, 16).value is None
    assert words in parse_size(text, 16).problem


def test_what_is_typed_survives_another_offer(qtbot):
    choice = OwnChoice()
    qtbot.addWidget(choice)
    choice.offer("own: 3", ["1", "5"])
    assert (choice.text(), choice.currentText()) == ("", "own: 3")
    choice.set_text("4.5")
    choice.offer("own: 7.5", ["1"])
    assert choice.text() == "4.5"
    choice.setCurrentIndex(0)
    assert choice.text() == ""


def test_an_emptied_line_is_the_models_own(qtbot):
    choice = OwnChoice()
    qtbot.addWidget(choice)
    choice.offer("own", ["1"])
    choice.lineEdit().clear()
    assert choice.text() == ""
    choice.lineEdit().editingFinished.emit()
    assert choice.currentText() == "own"


def test_what_is_typed_is_not_completed_to_something_else(qtbot):
    choice = OwnChoice()
    qtbot.addWidget(choice)
    choice.offer("own: 3", ["1", "7.5", "10"])
    choice.show()
    choice.lineEdit().clear()
    with qtbot.waitSignal(choice.typed):
        qtbot.keyClicks(choice.lineEdit(), "1")
    qtbot.keyClick(choice.lineEdit(), Qt.Key.Key_Tab)
    assert choice.text() == "1"


def test_a_number_has_the_languages_decimal_mark_and_is_told_with_a_point(qtbot):
    choice = OwnNumber()
    qtbot.addWidget(choice)
    speak("pt")
    choice.offer("próprio: 7,5", ["5", "7.5"])
    assert [choice.itemText(place) for place in range(choice.count())] == ["próprio: 7,5", "5", "7,5"]
    assert choice.text() == ""
    choice.set_text("4.5")
    assert (choice.currentText(), choice.text()) == ("4,5", "4.5")
    choice.setEditText("2,25")
    speak("en")
    choice.offer("own: 7.5", ["5", "7.5"])
    assert (choice.currentText(), choice.text()) == ("2.25", "2.25")
    choice.setCurrentIndex(0)
    assert choice.text() == ""
