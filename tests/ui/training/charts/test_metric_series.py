"""Numbers over steps: they grow, are smoothed, looked up, and cut back by a resumed run."""

from __future__ import annotations

import numpy as np
import pytest

from sketchdesk.ui.training.charts.metric_series import Series, thinned


def series(*pairs: tuple[int, float]) -> Series:
    made = Series()
    for step, value in pairs:
        made.extend([step], [value])
    return made


def smoothed_by_hand(values: list[float], weight: float) -> list[float]:
    """Each value weighs (1 − w)·w^age, and the weights are brought to one."""
    found = []
    for last in range(len(values)):
        weights = [(1 - weight) * weight ** (last - n) for n in range(last + 1)]
        found.append(sum(w * v for w, v in zip(weights, values, strict=False)) / sum(weights))
    return found


def test_it_grows_beyond_its_first_room():
    made = Series()
    for start in range(0, 3000, 7):
        made.extend(list(range(start, start + 7)), [float(n) for n in range(start, start + 7)])
    assert len(made) == 3003
    assert made.steps.tolist() == made.values.tolist() == [float(n) for n in range(3003)]


def test_a_resumed_run_replaces_what_came_after_its_checkpoint():
    made = series((10, 1.0), (20, 2.0), (30, 3.0))
    made.smoothed(0.5)
    made.extend([20, 25], [7.0, 8.0])
    assert made.steps.tolist() == [10, 20, 25]
    assert made.values.tolist() == [1.0, 7.0, 8.0]
    assert made.smoothed(0.5).tolist() == pytest.approx(smoothed_by_hand([1.0, 7.0, 8.0], 0.5))


@pytest.mark.parametrize("weight", [0.0, 0.6, 0.95])
def test_the_average_starts_at_the_first_value_and_is_the_same_in_parts_and_at_once(weight):
    values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0]
    made = Series()
    for number, value in enumerate(values):
        made.extend([number], [value])
        if number % 3 == 0:
            made.smoothed(weight)
    assert made.smoothed(weight).tolist() == pytest.approx(smoothed_by_hand(values, weight))
    assert made.smoothed(0.3).tolist() == pytest.approx(smoothed_by_hand(values, 0.3))


def test_the_nearest_value_is_found():
    made = series((10, 1.0), (20, 2.0), (40, 4.0))
    assert [made.at(step) for step in (-5, 14, 16, 29, 31, 99)] == [
        (10, 1.0), (10, 1.0), (20, 2.0), (20, 2.0), (40, 4.0), (40, 4.0),
    ]  # fmt: skip
    assert Series().at(3) is None


@pytest.mark.parametrize("count", [0, 1, 50, 199])
def test_few_points_stay_as_they_are(count):
    steps = np.arange(count, dtype=float)
    assert [each.tolist() for each in thinned(steps, steps, 0, 1000, 100, peaks=True)] == [steps.tolist()] * 2


def test_of_many_points_no_peak_is_lost_and_the_order_stays():
    steps = np.arange(100_003, dtype=float)
    values = np.sin(steps)
    values[[7, 55_555]], values[100_002] = 9.0, -9.0
    seen, heights = thinned(steps, values, 0, 200_000, 300, peaks=True)
    assert len(seen) < 1000
    assert np.all(np.diff(seen) > 0)
    assert np.array_equal(values[seen.astype(int)], heights)
    assert {7.0, 55_555.0, 100_002.0} <= set(seen.tolist())


def test_only_what_is_seen_is_kept_and_one_point_beyond_either_edge():
    steps = np.arange(1000, dtype=float)
    seen, _heights = thinned(steps, steps, 99.5, 110.5, 300, peaks=True)
    assert (seen[0], seen[-1]) == (99, 111)
    few, _heights = thinned(steps, steps, 0, 1000, 50, peaks=False)
    assert few.tolist() == steps[::20].tolist()
