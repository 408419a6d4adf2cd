"""Leaderboards: the order, Holm's correction, and which models are told apart."""

from __future__ import annotations

import numpy as np
import pytest

from sketchdesk.engine.evaluation.leaderboard import holm, leaderboard, paired_p
from sketchdesk.library.evaluation.distributions import t_cdf


def test_holm_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_errs_in_one_family_of_twenty():
    p_values = np.random.default_rng(0).random((4000, 6))
    assert np.mean([min(holm(family)) < 0.05 for family in p_values]) == pytest.approx(0.05, abs=0.012)


def scores_of(values):
    return {(str(prompt), seed): value for prompt, row in enumerate(values) for seed, value in enumerate(row)}


def test_the_paired_p_is_that_of_the_prompts_means():
    one = scores_of([[0.3, 0.5], [0.2, 0.4], [0.5, 0.7]])
    other = scores_of([[0.1, 0.3], [0.1, 0.3], [0.1, 0.3]])
    means = np.array([0.2, 0.1, 0.4])
    t = means.mean() / (means.std(ddof=1) / np.sqrt(3))
    assert paired_p(one, other) == pytest.approx(2 * t_cdf(-t, 2))
    assert paired_p(one, scores_of([[1.0]])) == 1.0
    assert paired_p(one, one) == 1.0


def test_the_best_is_first_and_those_not_told_apart_from_it_may_be_as_good():
    rng = np.random.default_rng(1)
    prompts = rng.standard_normal((20, 1))
    noise = {model: 0.05 * rng.standard_normal((20, 4)) for model in ("a", "b", "c")}
    board = leaderboard({
        "a": scores_of(prompts + noise["a"]), "b": scores_of(prompts + 0.5 + noise["b"]),
        "c": scores_of(prompts + 0.5 + noise["c"]), "empty": {},
    })  # fmt: skip
    first, second, third = board
    assert ({first.model, second.model}, third.model) == ({"b", "c"}, "a")
    assert (first.p, first.to_best, first.may_be_best) == (None, None, True)
    assert second.may_be_best
    assert not third.may_be_best
    assert third.to_best.high < 0
    # The prompts differ far more than the models: only pairs can tell, the models' own intervals overlap.
    assert third.mean.high > first.mean.low


def test_where_less_is_better_the_least_is_first():
    board = leaderboard({"a": scores_of([[3.0], [2.0]]), "b": scores_of([[1.0], [2.0]])}, lower_is_better=True)
    assert [standing.model for standing in board] == ["b", "a"]
    assert leaderboard({}) == ()
