from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sketchdesk.ui.shell.fuzzy import score


def best(query: str, texts: list[str]) -> str:
    return max(texts, key=lambda text: -1 if score(query, text) is None else score(query, text))


@pytest.mark.parametrize(
    ("query", "wanted", "other"),
    [
        ("dark", "Theme: Dark", "Draw with a model of the king"),
        ("ei", "Export images", "Delete it"),
        ("gal", "Gallery", "Go to the last"),
        ("settings", "Settings", "Use settings of the image"),
        ("set", "Settings", "Reset the zoom"),
    ],
)
def test_what_was_meant_comes_first(query, wanted, other):
    assert best(query, [other, wanted]) == wanted


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("evaluacion", "Evaluación"),
        ("GALERIA", "Galería"),
        ("ne", "one n"),
        ("ne", "n ne"),
        ("open data", "Open the data folder"),
    ],
)
def test_it_is_found(query, text):
    assert score(query, text) is not None


@pytest.mark.parametrize(("query", "text"), [("xyz", "Gallery"), ("ba", "ab"), ("aa", "a")])
def test_a_letter_that_is_missing_or_out_of_order_is_no_match(query, text):
    assert score(query, text) is None


@given(st.text(max_size=30), st.data())
def test_letters_taken_out_of_a_text_in_order_find_it(text, data):
    chosen = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    query = "".join(letter for letter, keep in zip(text, chosen, strict=True) if keep and letter.isascii())
    if text.isascii():
        assert score(query, text) is not None
