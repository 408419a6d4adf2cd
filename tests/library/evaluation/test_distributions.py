"""Student's distribution and the sign test against printed tables and closed forms."""

from __future__ import annotations

import math

import pytest

from sketchdesk.library.evaluation.distributions import (
    regularised_beta,
    sign_test_p,
    t_cdf,
    t_quantile,
    two_sided_p,
    wilson,
)

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


@pytest.mark.parametrize(("t", "degrees"), [(0.0, 3), (-2.0, 3), (2.0, 3), (0.7, 29)])
def test_the_two_sided_probability_is_twice_that_of_one_tail(t, degrees):
    assert two_sided_p(t, degrees) == pytest.approx(2 * t_cdf(-abs(t), degrees), abs=1e-14)


def test_wilson_s_interval_is_the_published_one():
    # Newcombe 1998, Statistics in Medicine 17, table I, method 3: 81 of 263, and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


@pytest.mark.parametrize(("count", "total"), [(0, 7), (3, 7), (7, 7), (1.7, 3.4)])
def test_the_ends_of_wilson_s_interval_are_where_the_score_test_has_its_limit(count, total):
    share = count / total
    for end in wilson(count, total):
        if 0 < end < 1:  # elsewhere the share itself is the end
            assert abs(share - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / total), rel=1e-6)
        else:
            assert end == pytest.approx(share)
