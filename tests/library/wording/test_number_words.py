"""Numbers are written as the reader's language does, wherever a sentence or a table shows them."""

from __future__ import annotations

import pytest

from sketchdesk.contracts import text
from sketchdesk.library.evaluation.finding_words import interval_words, p_words
from sketchdesk.library.evaluation.findings import Interval
from sketchdesk.library.paths import resource
from sketchdesk.library.wording.number_words import as_typed, localized, number, short, signed, span, with_point


@pytest.fixture
def speak(monkeypatch):
    """Speak a language until the test is over."""
    monkeypatch.setattr(text, "_catalog", text._catalog)
    return lambda language: text.use_language(resource("translations"), language)


@pytest.mark.parametrize(("language", "mark"), [("en", "."), ("es", ","), ("pt", ",")])
def test_every_number_has_the_languages_decimal_mark_and_a_real_minus(speak, language, mark):
    speak(language)
    assert text.language() == language
    shown = (number(-0.0123), signed(0.5, 2), signed(-1.0, 1), short(7.5), short(3.0), localized("1e-05"))
    assert shown == tuple(s.replace(".", mark) for s in ("−0.012", "+0.50", "−1.0", "7.5", "3", "1e−05"))
    assert span(-0.5, 1.0) == f"[−0{mark}500{';' if mark == ',' else ','} 1{mark}000]"
    assert p_words(0.016) == f"p = 0{mark}016"
    assert p_words(1e-9) == f"p < 0{mark}001"
    assert f"0{mark}100" in interval_words(Interval(0.2, 0.1, 0.3, "t", 5), number)


@pytest.mark.parametrize(("language", "shown"), [("en", "-7.5"), ("es", "-7,5"), ("pt", "-7,5")])
def test_a_number_in_a_field_is_as_it_is_typed_and_files_keep_the_point(speak, language, shown):
    speak(language)
    assert {as_typed(text) for text in ("-7.5", "-7,5", "\N{MINUS SIGN}7,5")} == {shown}
    assert (with_point(shown), float(with_point(short(-7.5)))) == ("-7.5", -7.5)


def test_without_a_catalogue_english_is_spoken(speak, tmp_path):
    text.use_language(tmp_path, "es")
    assert (text.language(), number(0.5)) == ("en", "0.500")
