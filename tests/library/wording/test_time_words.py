"""Times that are known only roughly, told in the unit that fits."""

from __future__ import annotations

import pytest

from sketchdesk.library.wording.time_words import time_range_text


@pytest.mark.parametrize(
    ("low", "high", "said"), [(10, 20, "10–20 s"), (300, 600, "5–10 min"), (3600, 9000, "1.0–2.5 h")]
)
def test_times_are_told_in_the_unit_that_fits(low, high, said):
    assert time_range_text(low, high) == said
