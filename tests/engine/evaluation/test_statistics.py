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
    paired_differences,
    regularised_beta,
    sign_test_p,
    t_cdf,
    t_interval,
    t_quantile,
)
from sketchdesk.library.findings import Interval, Verdict

PRINTED_T_TABLE = [  # probability below, degrees of freedom, t
    (0.95, 1, 6.314), (0.975, 1, 12.706), (0.995, 1, 63.657),
    (0.975, 2, 4.303), (0.975, 4, 2.776), (0.995, 5, 4.032), (0.975, 9, 2.262), (0.95, 10, 1.812),
    (0.995, 10, 3.169), (0.975, 29, 2.045), (0.975, 60, 2.000), (0.975, 120, 1.980), (0.995, 30, 2.750),
]  # fmt: skip


@pytest.mark.parametrize(("p", "degrees", "t"), PRINTED_T_TABLE)
def test_t_quantiles_agree_with_the_printed_table(p, degrees, t):
    assert t_quantile(p, degrees) == pytest.approx(t, abs=5.1e-4)
    assert t_quantile(1 - p, degrees) == pytest.approx(-t, abs=5.1e-4)


def test_t_with_one_and_two_degrees_of_freedom_has_its_closed_form():
    for t in (-30.0, -1.0, 0.0, 0.3, 2.5, 400.0):
        assert t_cdf(t, 1) == pytest.approx(0.5 + math.atan(t) / math.pi, abs=1e-12)
        assert t_cdf(t, 2) == pytest.approx(0.5 + t / (2 * math.sqrt(2 + t * t)), abs=1e-12)


def test_t_with_many_degrees_of_freedom_becomes_the_normal():
    assert t_quantile(0.975, 1e6) == pytest.approx(1.959964, abs=1e-5)


@pytest.mark.parametrize(("a", "b"), [(1, 1), (3, 5), (8, 2), (40, 60)])
def test_incomplete_beta_of_whole_numbers_is_a_binomial_tail(a, b):
    n = a + b - 1
    for x in (0.0, 0.05, 0.4, 0.5, 0.93, 1.0):
        tail = sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
        assert regularised_beta(x, a, b) == pytest.approx(tail, abs=1e-12)


@pytest.mark.parametrize(("wins", "losses"), [(6, 0), (0, 6), (29, 1), (4, 3), (480, 520), (3, 997)])
def test_sign_test_is_the_exact_binomial_one(wins, losses):
    n, fewer = wins + losses, min(wins, losses)
    exact = min(1.0, 2 * sum(math.comb(n, k) for k in range(fewer + 1)) / 2**n)
    assert sign_test_p(wins, losses) == pytest.approx(exact, rel=1e-9)


def test_as_many_wins_as_losses_is_no_evidence():
    assert sign_test_p(0, 0) == sign_test_p(15, 15) == 1.0


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


@pytest.mark.parametrize("prompts", [5, 10])
def test_the_small_interval_covers_the_truth_95_times_in_100(prompts):
    rng = np.random.default_rng(prompts)
    trials, truth = 4000, 0.3
    effects = truth + 0.02 * rng.standard_normal((trials, prompts, 1))
    images = effects + 0.03 * rng.standard_normal((trials, prompts, 6))
    covered = 0
    for trial in images:
        found = interval({str(n): values for n, values in enumerate(trial)})
        covered += found.low <= truth <= found.high
    assert covered / trials == pytest.approx(0.95, abs=0.011)  # three standard errors


def test_the_bootstrap_covers_the_truth_about_95_times_in_100():
    rng = np.random.default_rng(4)
    trials, truth, covered = 300, 0.3, 0
    for trial in range(trials):
        effects = truth + 0.02 * rng.standard_normal((40, 1))
        images = effects + 0.02 * rng.standard_normal((40, 4))
        found = bootstrap_interval({str(n): values for n, values in enumerate(images)}, seed=trial, resamples=400)
        covered += found.low <= truth <= found.high
    assert 0.92 <= covered / trials <= 0.99


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
