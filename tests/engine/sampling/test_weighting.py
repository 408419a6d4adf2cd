from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchdesk.engine.sampling.weighting import parts_of


def plain_text(prompt: str) -> str:
    """The words without the marks."""
    return "".join(part.text for part in parts_of(prompt))


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("a zebra", [("a zebra", 1.0)]),
        ("a (zebra:1.2) runs", [("a ", 1.0), ("zebra", 1.2), (" runs", 1.0)]),
        ("a (zebra)", [("a ", 1.0), ("zebra", 1.1)]),
        ("((zebra))", [("zebra", 1.21)]),
        ("[zebra]", [("zebra", 1 / 1.1)]),
        ("(a [zebra]:2)", [("a ", 2.0), ("zebra", 2 / 1.1)]),
        ("(a zebra: .5 )", [("a zebra", 0.5)]),
        ("(zebra:-1)", [("zebra", -1.0)]),
        (r"a \(plain\) \[zebra\] \\", [(r"a (plain) [zebra] \ ".rstrip(), 1.0)]),
        (r"(very \(deep\):1.3)", [("very (deep)", 1.3)]),
        ("at 10:30, 4:3", [("at 10:30, 4:3", 1.0)]),
        ("a (zebra", [("a (zebra", 1.0)]),
        ("a zebra) [runs", [("a zebra) [runs", 1.0)]),
        ("(zebra:1e9999)", [("zebra:1e9999", 1.1)]),
        ("(zebra:99999)", [("zebra", 20.0)]),
        ("(zebra:1.2", [("(zebra:1.2", 1.0)]),
        ("(one ]two)", [("one ]two", 1.1)]),
        ("()", []),
        ("", []),
    ],
)
def test_marks_become_weights(prompt, parts):
    found = parts_of(prompt)
    assert [text for text, _weight in found] == [text for text, _weight in parts]
    assert [weight for _text, weight in found] == pytest.approx([weight for _text, weight in parts])


@given(st.text(alphabet="ab ()[]:\\.12", max_size=60))
def test_any_text_can_be_read_and_loses_nothing_but_marks(prompt):
    text = plain_text(prompt)
    assert [letter for letter in text if letter in "ab"] == [letter for letter in prompt if letter in "ab"]


def test_ten_thousand_open_brackets_take_no_time_worth_naming():
    assert plain_text("(" * 10_000 + "a") == "(" * 10_000 + "a"
    assert plain_text("(" * 10_000 + "a" + ")" * 10_000) == "a"


def test_a_number_without_an_end_is_read_in_one_go():
    prompt = "(a:" + "1" * 300_000
    assert plain_text(prompt) == prompt
