"""Numbers at an axis are round, inside it, and not too near to each other."""

from __future__ import annotations

import pytest

from sketchdesk.library.evaluation.findings import Interval
from sketchdesk.library.wording.axis_marks import NEARLY, marks_of, reach_of, spacing_of


@pytest.mark.parametrize(
    ("low", "high", "length_px", "spacing"),
    [
        (0, 1, 40, 0.5), (0, 1, 300, 0.1), (0, 400, 300, 50), (0.05, 0.43, 120, 0.1), (0, 2e-4, 60, 1e-4),
        (0, 2.01, 40, 1), (-8, 408, 120, 100), (3, 3, 100, None),
    ],
)  # fmt: skip
def test_numbers_at_an_axis_are_round_and_not_too_near(low, high, length_px, spacing):
    found = spacing_of(low, high, length_px, 30)
    assert found > 0
    if spacing is not None:
        assert found == pytest.approx(spacing)
        assert (high - low) / found <= max(3, length_px / 30 + 1) / NEARLY


@pytest.mark.parametrize(
    ("span", "marks"),
    [((-0.3, 0.31), [-0.2, 0.0, 0.2]), ((0.2, 0.6), [0.2, 0.4, 0.6]), ((-0.1, 0.05), [-0.1, -0.05, 0.0, 0.05])],
)
def test_marks_are_the_round_numbers_inside_a_span(span, marks):
    assert marks_of(span, 90, 30) == pytest.approx(marks)


def around(mean, half):
    return Interval(mean, mean - half, mean + half, "t", 2)


def test_intervals_drawn_together_reach_as_far_as_they_do_but_for_wild_ones():
    tame = [around(0.1, 0.05), around(0.3, 0.1)]
    assert reach_of(tame, with_zero=False) == pytest.approx((0.05, 0.4))
    assert reach_of(tame, with_zero=True) == pytest.approx((0.0, 0.4))
    assert reach_of([*tame, around(0.2, 4)], with_zero=False) == pytest.approx((-0.1, 0.5))
    assert reach_of([around(0.2, 4)], with_zero=False) == pytest.approx((-3.8, 4.2))  # there is nothing else to show
    assert reach_of([Interval(0.2, None, None, "none", 1)], with_zero=True) == (0.0, 0.2)
    assert reach_of([], with_zero=True) == (0.0, 1.0)
