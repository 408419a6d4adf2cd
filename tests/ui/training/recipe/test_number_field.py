"""A number is typed freely, read forgivingly, and refused with the reason."""

from __future__ import annotations

import math

import pytest

from sketchdesk.ui.language import speak
from sketchdesk.ui.training.recipe.fields import NUMBERS
from sketchdesk.ui.training.recipe.number_field import Limits, NumberField

RATE = Limits(0, 1, is_whole=False, above_low=True)
OPEN = Limits(0, math.inf, is_whole=False)
PERCENT = Limits(0, 50, is_whole=False, factor=100)


@pytest.mark.parametrize(
    ("limits", "text", "value"),
    [
        (RATE, "1e-5", 1e-5), (RATE, " 0,0003 ", 3e-4), (Limits(1, 9), "7", 7), (Limits(1, 9999), "1 200", 1200),
        (Limits(1, 9, is_optional=True), "", None), (PERCENT, "4", 0.04), (PERCENT, "12.5", 0.125),
    ],
)  # fmt: skip
def test_what_is_possible_is_read(limits, text, value):
    assert limits.parse(text) == value


@pytest.mark.parametrize(
    ("limits", "text", "reason"),
    [
        (RATE, "", "needed"), (RATE, "fast", "not a number"), (RATE, "0", "more than 0"), (RATE, "2", "at most 1"),
        (RATE, "nan", "more than 0"), (Limits(1, 9), "1.5", "whole"), (Limits(1, 9), "10", "1 to 9"),
        (OPEN, "-1", "at least 0"), (OPEN, "inf", "at least"), (PERCENT, "51", "0 to 50"),
    ],
)  # fmt: skip
def test_what_is_not_is_refused_with_the_reason(limits, text, reason):
    with pytest.raises(ValueError, match=reason):
        limits.parse(text)


@pytest.mark.parametrize("value", [1e-05, 2e-4, 0.04, 0.9999, 1.0])
def test_a_value_reads_back_from_what_is_shown(value):
    for limits in (Limits(0, 2, is_whole=False), Limits(0, 200, is_whole=False, factor=100)):
        assert limits.parse(limits.show(value)) == pytest.approx(value, rel=1e-9)


def test_the_field_marks_the_value_and_keeps_the_last_good_one(qtbot):
    field = NumberField("rate", RATE, 1e-5)
    qtbot.addWidget(field)
    with qtbot.waitSignal(field.changed):
        field.control.setText("3e-5")
    field.control.setText("3e-5x")
    assert field.problem == "This is not a number."
    assert field.control.property("invalid") == "true"
    assert field.number == 3e-5
    field.control.setText("4e-5")
    assert (field.problem, field.number) == ("", 4e-5)


def test_a_number_that_does_not_go_with_the_rest_is_marked_too(qtbot):
    field = NumberField("side", NUMBERS["resolution"], 100)
    qtbot.addWidget(field)
    field.set_extra_problem("It must be a multiple of 8.")
    assert field.problem == "It must be a multiple of 8."
    field.set_extra_problem("")
    assert field.problem == ""


def test_a_number_has_the_decimal_mark_of_the_language_and_is_read_with_either(qtbot):
    field = NumberField("rate", RATE, 0.25)
    qtbot.addWidget(field)
    field.control.setText("0.125")
    speak("es")
    field.retranslate()
    assert (field.control.text(), field.number, field.problem) == ("0,125", 0.125, "")
    field.set_number(0.5)
    assert field.control.text() == "0,5"
    field.control.setText("0.75")
    assert (field.number, field.problem) == (0.75, "")
    with pytest.raises(ValueError, match="0,5"):
        Limits(0.5, 1, is_whole=False).parse("0,25")
    speak("en")
    field.retranslate()
    assert (field.control.text(), field.number) == ("0.75", 0.75)
    rest = NumberField("epsilon", OPEN, 1e-8)
    qtbot.addWidget(rest)
    assert rest.control.text() == "1e-08"
