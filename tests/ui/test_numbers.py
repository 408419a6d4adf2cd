from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale

from sketchdesk.ui import language
from sketchdesk.ui.numbers import gib_text, number_text, size_text


@pytest.fixture(autouse=True)
def english_numbers(qapp, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    language.speak("en")
    yield
    language.speak("en")


@pytest.mark.parametrize(
    ("size_bytes", "text"), [(0, "0 KiB"), (5_000, "5 KiB"), (310 * 1024**2, "310 MiB"), (3 * 2**30 // 2, "1.5 GiB")]
)
def test_sizes_have_the_unit_that_fits(size_bytes, text):
    assert size_text(size_bytes) == text


def test_numbers_are_written_as_the_language_does():
    assert (number_text(12_345), number_text(2.5, 1), gib_text(128.4)) == ("12,345", "2.5", "128")
    language.speak("es")
    assert (number_text(12_345), number_text(2.5, 1)) == ("12.345", "2,5")
    assert QLocale().language() is QLocale.Language.Spanish
