"""Charts write numbers as the language in use does."""

from __future__ import annotations

import pytest

from sketchdesk.contracts import text
from sketchdesk.library.paths import resource
from sketchdesk.ui.widgets.axes import local_axes


@pytest.mark.parametrize(("language", "shown"), [("en", ["−0.5", "0", "0.5"]), ("es", ["−0,5", "0", "0,5"])])
def test_ticks_have_the_languages_decimal_mark(qapp, monkeypatch, language, shown):
    monkeypatch.setattr(text, "_catalog", text._catalog)
    text.use_language(resource("translations"), language)
    axes = local_axes()
    assert set(axes) == {"left", "bottom"}
    assert axes["left"].tickStrings([-0.5, 0.0, 0.5], 1.0, 0.5) == shown


def test_small_numbers_are_never_shown_in_thousandths(qapp):
    assert local_axes()["left"].tickStrings([0.3, 0.5], 1000.0, 0.2) == ["0.3", "0.5"]
