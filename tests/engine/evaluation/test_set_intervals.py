"""Intervals of gaps and shares against a published example, closed forms and simulations whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sketchdesk.engine.evaluation.set_intervals import ADDED, gap_interval, mean_share_interval, share_interval
from sketchdesk.engine.evaluation.statistics import t_interval
from sketchdesk.library.evaluation.distributions import t_quantile, wilson


def groups(values):
    return {str(number): list(own) for number, own in enumerate(values)}


def singles(values):
    return groups([value] for value in values)


def test_the_gap_of_groups_of_one_size_and_spread_is_the_pooled_t_interval():
    one, other = [1.0, 2.0, 3.0, 4.0, 5.0], [11.0, 12.0, 13.0, 14.0, 15.0]
    found = gap_interval(singles(other), singles(one))
    half = t_quantile(0.975, 8) * math.sqrt(2.5 * 2 / 5)
    assert (found.mean, found.method, found.units) == (10.0, "welch", 10)
    assert (found.low, found.high) == (pytest.approx(10 - half), pytest.approx(10 + half))


def test_a_group_without_spread_leaves_the_other_s_own_interval():
    values = [0.1, 0.4, 0.2, 0.5]
    found, own = gap_interval(singles(values), singles([0.1, 0.1, 0.1])), t_interval(values)
    assert (found.low, found.high) == (pytest.approx(own.low - 0.1), pytest.approx(own.high - 0.1))


def test_every_prompt_of_a_gap_counts_the_same():
    assert gap_interval({"a": [0.2] * 50, "b": [0.4]}, {"c": [0.1], "d": [0.1]}).mean == pytest.approx(0.2)


def test_a_group_of_one_prompt_has_a_gap_but_no_interval():
    found = gap_interval({"a": [0.2, 0.3]}, singles([0.1, 0.2]))
    assert (found.mean, found.low, found.high, found.method) == (pytest.approx(0.1), None, None, "none")


@pytest.mark.long
@pytest.mark.parametrize(("seen", "unseen"), [(5, 5), (5, 30), (10, 10), (30, 100)])
def test_the_gap_s_interval_covers_the_truth_95_times_in_100(seen, unseen):
    rng = np.random.default_rng(seen)
    trials = 2000
    first = 0.03 + 0.05 * rng.standard_normal((trials, seen))
    second = 0.02 * rng.standard_normal((trials, unseen))
    found = [gap_interval(singles(one), singles(other)) for one, other in zip(first, second, strict=True)]
    assert sum(one.low <= 0.03 <= one.high for one in found) / trials == pytest.approx(0.95, abs=0.015)


def test_a_share_by_hand():
    """Four prompts with 2, 0, 1 and 2 of two pictures; with two more prompts, of 2 and 0, 7 of 12."""
    found = share_interval(groups([[1, 1], [0, 0], [1, 0], [1, 1]]))
    share = 7 / 12
    variance = 6 / 5 * (3 * (2 - 2 * share) ** 2 + 2 * (2 * share) ** 2 + (1 - 2 * share) ** 2) / 12**2
    worth = 8 / (variance / (share * (1 - share) / 12)) * (1.959963984540054 / t_quantile(0.975, 3)) ** 2
    assert (found.mean, found.method, found.units) == (5 / 8, "wilson", 4)
    assert (found.low, found.high) == pytest.approx(wilson(5 / 8 * worth, worth))


def test_single_pictures_have_wilson_s_interval_hardly_widened():
    found = share_interval(singles([1] * 60 + [0] * 340))
    assert (found.low, found.high) == pytest.approx(wilson(60, 400), abs=1e-3)
    assert found.low < wilson(60, 400)[0] < wilson(60, 400)[1] < found.high


def test_pictures_of_one_prompt_that_are_all_alike_are_one_answer():
    once = share_interval(singles([1] * 6 + [0] * 34))
    four_times = share_interval(groups([[value] * 4 for value in [1] * 6 + [0] * 34]))
    assert (four_times.low, four_times.high) == (pytest.approx(once.low), pytest.approx(once.high))


def test_a_prompt_with_more_pictures_counts_more_in_a_share():
    assert share_interval({"a": [1] * 9, "b": [0]}).mean == 0.9


@pytest.mark.parametrize("value", [0, 1])
def test_a_share_of_none_or_all_still_has_an_interval(value):
    found = share_interval(groups([[value] * 4] * 20))
    assert found.mean == value
    assert 0.1 < abs(found.high - found.low) < 0.2
    assert value in (found.low, found.high)


def test_one_prompt_has_a_share_but_no_interval():
    found = share_interval({"a": [0, 1, 1, 1]})
    assert (found.mean, found.low, found.method) == (0.75, None, "none")


@pytest.mark.parametrize("prompts", [5, 10, 30])
@pytest.mark.parametrize("share", [0.05, 0.3])
@pytest.mark.parametrize("alike", [0.0, 0.4, 1.0])
def test_the_share_s_interval_covers_the_truth_at_least_93_times_in_100(prompts, share, alike):
    """With probability `alike` a picture is as its prompt is, else by itself: the correlation within is its square."""
    rng, trials, images = np.random.default_rng(prompts), 500, 4
    of_prompt = rng.random((trials, prompts, 1)) < share
    own = rng.random((trials, prompts, images)) < share
    drawn = np.where(rng.random((trials, prompts, images)) < math.sqrt(alike), of_prompt, own)
    found = [share_interval(groups(trial)) for trial in drawn.astype(float)]
    assert sum(one.low <= share <= one.high for one in found) / trials >= 0.93


def test_a_mean_of_shares_by_hand():
    """Wilson's ends are where p is t standard deviations at p away from the mean: (m - p)^2 = t^2 p (1 - p) / n."""
    values = [1.0, 1.0, 0.5, 1.0, 0.75]
    found = mean_share_interval(values)
    middle = (sum(values) + ADDED) / (5 + 2 * ADDED)
    squares = sum((value - middle) ** 2 for value in values) + ADDED * (middle**2 + (1 - middle) ** 2)
    each = middle * (1 - middle) / (squares / (4 + 2 * ADDED))
    assert (found.mean, found.method, found.units) == (0.85, "wilson", 5)
    for end in (found.low, found.high):
        assert (0.85 - end) ** 2 == pytest.approx(t_quantile(0.975, 4) ** 2 * end * (1 - end) / (5 * each))
    assert 0 < found.low < 0.85 < found.high < 1 < t_interval(values).high


def test_a_mean_of_shares_that_differ_in_the_middle_has_student_s_interval():
    values = np.random.default_rng(0).uniform(0.2, 0.8, 400)
    found, own = mean_share_interval(values), t_interval(values)
    assert (found.low, found.high) == pytest.approx((own.low, own.high), abs=2e-3)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_mean_of_shares_that_are_all_none_or_all_whole_still_has_an_interval(value):
    found = mean_share_interval([value] * 10)
    assert (found.mean, value in (found.low, found.high)) == (value, True)
    assert 0.1 < found.high - found.low < 0.5
    assert mean_share_interval([value]).low is None


@pytest.mark.parametrize("prompts", [5, 20])
@pytest.mark.parametrize(("mean", "alike"), [(0.95, 3), (0.85, 1), (0.5, 3), (0.5, 50)])
def test_the_interval_of_a_mean_of_shares_covers_the_truth_at_least_94_times_in_100(prompts, mean, alike):
    """Two things are asked for in each of four pictures; a prompt's own chance is drawn from a beta distribution."""
    rng, trials = np.random.default_rng(prompts), 1000
    chance = rng.beta(mean * alike, (1 - mean) * alike, size=(trials, prompts, 1))
    shares = (rng.binomial(2, chance, size=(trials, prompts, 4)) / 2).mean(axis=2)
    found = [mean_share_interval(trial) for trial in shares]
    assert sum(one.low <= mean <= one.high for one in found) / trials >= 0.94
    assert all(0 <= one.low <= one.high <= 1 for one in found)
