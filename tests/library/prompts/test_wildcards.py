from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchdesk.library.prompts.wildcards import expand


def test_every_choice_comes_up_and_a_seed_always_gives_the_same():
    text = "a {red|green|blue} fox"
    found = {seed: expand(text, seed) for seed in range(60)}
    assert set(found.values()) == {"a red fox", "a green fox", "a blue fox"}
    assert {seed: expand(text, seed) for seed in range(60)} == found


def test_the_same_seed_gives_the_same_words_on_every_machine():
    assert [expand("{a|b|c|d}", seed) for seed in range(8)] == list(PINNED)


PINNED = "badcaabb"


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("{a|}", {"a", ""}),
        ("{a {b|c}|d}", {"a b", "a c", "d"}),
        (r"\{a|b\}", {"{a|b}"}),
        (r"{a\|b|a\|b}", {"a|b"}),
        ("{a}", {"{a}"}),
        ("{a} {b|b}", {"{a} b"}),
        ("{a|b", {"{a|b"}),
        ("a|b}", {"a|b}"}),
        ("{ a | a }", {"a"}),
        ("no choice", {"no choice"}),
    ],
)
def test_choices_may_be_nested_empty_escaped_or_none(text, possible):
    assert {expand(text, seed) for seed in range(40)} == possible


@given(st.text(alphabet="ab {|}\\", max_size=80), st.integers(0, 2**63 - 1))
def test_any_text_can_be_expanded(text, seed):
    assert len(expand(text, seed)) <= len(text)


def test_a_thousand_open_braces_do_no_harm():
    assert expand("{" * 1000 + "a|b}", 1).startswith("{")
