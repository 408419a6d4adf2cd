"""The statistics against printed tables, closed forms and simulations whose truth is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sketchdesk.engine.evaluation.statistics import (
    bootstrap_interval,
    compare,
    interval,
    mean_of_means,
    needed_size,
    paired_differences,
    t_interval,
)
from sketchdesk.library.evaluation.distributions import t_quantile
from sketchdesk.library.evaluation.findings import Interval, Verdict


def test_every_prompt_counts_the_same_however_many_images_it_has():
    assert mean_of_means({"a": [0.2] * 100, "b": [0.4]}) == pytest.approx(0.3)


def test_t_interval_by_hand():
    found = t_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776445 * math.sqrt(2.5 / 5)
    assert (found.low, found.high) == (pytest.approx(3 - half, abs=1e-5), pytest.approx(3 + half, abs=1e-5))
    assert (found.mean, found.method, found.units) == (3.0, "t", 5)


def test_one_prompt_gives_a_mean_but_no_interval_and_no_verdict():
    found = interval({"a": [0.1, 0.2, 0.3]})
    assert found == Interval(pytest.approx(0.2), None, None, "none", 1)
    assert found.verdict is Verdict.NOT_SHOWN


def test_nothing_to_average_is_refused():
    for groups in ({}, {"a": []}):
        with pytest.raises(ValueError, match="at least one"):
            interval(groups)


def test_the_method_changes_at_thirty_prompts():
    groups = {f"prompt {n}": [n / 10, n / 10 + 1] for n in range(30)}
    assert interval(groups).method == "bootstrap"
    groups.pop("prompt 0")
    assert interval(groups).method == "t"


def covered(prompts, images, between, within, trials, interval_of):
    """How often the interval holds the truth where prompts vary by `between` and the images of each by `within`."""
    rng, truth = np.random.default_rng(prompts), 0.3
    effects = truth + between * rng.standard_normal((trials, prompts, 1))
    drawn = effects + within * rng.standard_normal((trials, prompts, images))
    found = [interval_of({str(n): values for n, values in enumerate(trial)}) for trial in drawn]
    return sum(one.low <= truth <= one.high for one in found) / trials


SPREADS = pytest.mark.parametrize(("between", "within"), [(0.02, 0.03), (0.0, 0.03), (0.02, 0.001)])


@SPREADS
@pytest.mark.parametrize("prompts", [5, 10])
def test_the_small_interval_covers_the_truth_95_times_in_100(prompts, between, within):
    assert covered(prompts, 6, between, within, 4000, interval) == pytest.approx(0.95, abs=0.011)  # 3 standard errors


@SPREADS
def test_at_thirty_prompts_the_bootstrap_covers_the_truth_95_times_in_100(between, within):
    def resampled(groups):
        return bootstrap_interval(groups, seed=1, resamples=400)

    assert covered(30, 4, between, within, 1000, resampled) == pytest.approx(0.95, abs=0.015)


def test_the_bootstrap_width_is_that_of_the_normal_theory():
    values = np.random.default_rng(0).standard_normal(400)
    found = bootstrap_interval({str(n): [value] for n, value in enumerate(values)})
    half = 1.96 * values.std() / math.sqrt(400)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.06)
    assert found.mean == pytest.approx(values.mean())


def test_the_bootstrap_keeps_to_each_prompts_own_images_when_their_numbers_differ():
    groups = {f"few {n}": [1.0] for n in range(20)} | {f"many {n}": [1.0] * 7 for n in range(20)}
    found = bootstrap_interval(groups)
    assert (found.low, found.mean, found.high) == (1.0, 1.0, 1.0)


def test_the_same_seed_gives_the_same_interval():
    groups = {str(n): [math.sin(n), math.cos(n)] for n in range(30)}
    assert interval(groups, seed=3) == interval(groups, seed=3) != interval(groups, seed=4)


def test_pairs_need_the_same_prompt_and_the_same_seed():
    base = {("a", 0): 0.1, ("a", 1): 0.2, ("b", 0): 0.3}
    tuned = {("a", 0): 0.2, ("a", 2): 0.9, ("b", 0): 0.5, ("c", 0): 0.9}
    differences = paired_differences(base, tuned)
    assert differences == {"a": [pytest.approx(0.1)], "b": [pytest.approx(0.2)]}


def _scores(values):
    return {(prompt, seed): value for prompt, row in values.items() for seed, value in enumerate(row)}


def test_a_comparison_by_hand():
    base = _scores({"a": [1, 1], "b": [1, 1], "c": [1, 1]})
    tuned = _scores({"a": [2, 4], "b": [2, 1], "c": [3, 0]})
    found = compare(base, tuned)
    means = [2.0, 0.5, 0.5]
    assert found.difference == t_interval(means)
    assert (found.pairs, found.wins, found.ties) == (6, 4, 1)
    assert found.win_rate == pytest.approx(4.5 / 6)
    assert found.sign_test_p == pytest.approx(2 * (1 + 5) / 2**5)
    assert found.effect_size == pytest.approx(1.0 / np.std(means, ddof=1))
    assert found.by_prompt["a"] == t_interval([1, 3])


def test_swapping_the_models_mirrors_the_comparison():
    rng = np.random.default_rng(1)
    one, other = (_scores({p: rng.standard_normal(6) for p in "abcde"}) for _ in range(2))
    there, back = compare(one, other), compare(other, one)
    assert there.difference.low == pytest.approx(-back.difference.high)
    assert there.win_rate == pytest.approx(1 - back.win_rate)
    assert there.sign_test_p == pytest.approx(back.sign_test_p)
    assert there.effect_size == pytest.approx(-back.effect_size)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.03, Verdict.HIGHER),
        (-0.03, -0.01, Verdict.LOWER),
        (-0.01, 0.03, Verdict.NOT_SHOWN),
        (0.0, 0.03, Verdict.NOT_SHOWN),
    ],
)
def test_the_verdict_follows_from_the_interval_alone(low, high, verdict):
    assert Interval((low + high) / 2, low, high, "t", 5).verdict is verdict


def test_equal_models_are_not_told_apart():
    scores = _scores({"a": [0.1, 0.2], "b": [0.3, 0.4]})
    found = compare(scores, scores)
    assert found.verdict is Verdict.NOT_SHOWN
    assert (found.win_rate, found.sign_test_p, found.effect_size) == (0.5, 1.0, None)


def test_models_that_share_nothing_cannot_be_compared():
    with pytest.raises(ValueError, match="at least one"):
        compare({("a", 0): 1.0}, {("a", 1): 1.0})


def test_a_study_of_the_size_it_is_told_to_need_tells_four_times_in_five():
    rng, d = np.random.default_rng(2), 0.5
    seen = rng.standard_normal(2000)
    seen = (seen - seen.mean()) / seen.std(ddof=1) + d
    needed = needed_size({str(n): [value] for n, value in enumerate(seen)})
    assert needed.prompts == 34
    assert needed.images is None  # one image each says nothing of how images vary
    studies = d + rng.standard_normal((20_000, needed.prompts))
    t = studies.mean(axis=1) / (studies.std(axis=1, ddof=1) / math.sqrt(needed.prompts))
    assert (t > t_quantile(0.975, needed.prompts - 1)).mean() == pytest.approx(0.8, abs=0.015)


def test_more_images_help_as_far_as_images_are_what_varies():
    rng = np.random.default_rng(3)
    noisy = {str(n): 0.05 + 0.3 * rng.standard_normal(4) for n in range(40)}
    needed = needed_size(noisy)
    more = 0.05 + 0.3 * rng.standard_normal((20_000, 40, needed.images)).mean(axis=2)
    t = more.mean(axis=1) / (more.std(axis=1, ddof=1) / math.sqrt(40))
    assert needed.images > 4
    assert (t > t_quantile(0.975, 39)).mean() > 0.5
    differing = {str(n): 0.05 + rng.standard_normal() + 0.01 * rng.standard_normal(4) for n in range(40)}
    assert needed_size(differing).images is None


def test_as_many_images_as_it_is_told_to_need_tell_four_times_in_five():
    rng, mean, between, within, images = np.random.default_rng(4), 0.0393, 0.005, 0.02, 4
    spread = rng.standard_normal(40)
    spread = (spread - spread.mean()) / spread.std(ddof=1) * math.sqrt(between + within / images)
    around = np.array([-1, -1, 1, 1]) * math.sqrt(within * (images - 1) / images)
    needed = needed_size({str(n): mean + own + around for n, own in enumerate(spread)})
    means = mean + math.sqrt(between + within / needed.images) * rng.standard_normal((20_000, 40))
    t = means.mean(axis=1) / (means.std(axis=1, ddof=1) / math.sqrt(40))
    assert needed.images == pytest.approx(8, abs=1)
    assert (t > t_quantile(0.975, 39)).mean() == pytest.approx(0.8, abs=0.02)


def test_nothing_is_needed_where_nothing_differs():
    assert needed_size({"a": [0.1]}) is None
    assert needed_size({"a": [0.1], "b": [0.1]}) is None
    assert needed_size({"a": [0.1], "b": [-0.1]}) is None
