"""Charts write numbers as the language in use does."""

from __future__ import annotations

import pytest

from sketchdesk.contracts import text
from sketchdesk.library.paths import resource
from sketchdesk.ui.widgets.axes import NEARLY, local_axes, spacing_of


@pytest.mark.parametrize(("language", "shown"), [("en", ["−0.5", "0", "0.5"]), ("es", ["−0,5", "0", "0,5"])])
def test_ticks_have_the_languages_decimal_mark(qapp, monkeypatch, language, shown):
    monkeypatch.setattr(text, "_catalog", text._catalog)
    text.use_language(resource("translations"), language)
    axes = local_axes()
    assert set(axes) == {"left", "bottom"}
    assert axes["left"].tickStrings([-0.5, 0.0, 0.5], 1.0, 0.5) == shown


def test_small_numbers_are_never_shown_in_thousandths(qapp):
    assert local_axes()["left"].tickStrings([0.3, 0.5], 1000.0, 0.2) == ["0.3", "0.5"]


@pytest.mark.parametrize(
    ("low", "high", "length_px", "spacing"),
    [
        (0, 1, 40, 0.5), (0, 1, 300, 0.1), (0, 400, 300, 50), (0.05, 0.43, 120, 0.1), (0, 2e-4, 60, 1e-4),
        (0, 2.01, 40, 1), (-8, 408, 120, 100), (3, 3, 100, None),
    ],
)
def test_numbers_at_an_axis_are_round_and_not_too_near(low, high, length_px, spacing):
    found = spacing_of(low, high, length_px, 30)
    assert found > 0
    if spacing is not None:
        assert found == pytest.approx(spacing)
        assert (high - low) / found <= max(3, length_px / 30 + 1) / NEARLY
