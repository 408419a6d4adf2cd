"""Student's distribution, the exact sign test, by the incomplete beta function; a share's interval. `math` alone."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

NORMAL_QUANTILE = 1.959963984540054
"""Of the normal distribution at 97.5 %: both ends of a 95 % interval."""


def sign_test_p(wins: int, losses: int) -> float:
    """Return the exact two-sided p-value of `wins` against `losses` where each is as likely as the other.

    P(X ≤ k) of a fair binomial of n is the incomplete beta I_½(n − k, k + 1).
    """
    n, fewer = wins + losses, min(wins, losses)
    return 1.0 if wins == losses else min(1.0, 2 * regularised_beta(0.5, n - fewer, fewer + 1))


def wilson(count: float, total: float) -> tuple[float, float]:
    """Return the 95 % interval of a share of `total` independent yes-or-no answers (Wilson 1927); total is above 0."""
    share, z2 = count / total, NORMAL_QUANTILE**2
    middle = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = NORMAL_QUANTILE / (1 + z2 / total) * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    return middle - half if share > 0 else 0.0, middle + half if share < 1 else 1.0


@cache
def t_quantile(p: float, degrees: float) -> float:
    """Return the t below which Student's distribution with `degrees` of freedom has probability p, 0 < p < 1."""
    if p < 0.5:
        return -t_quantile(1 - p, degrees)
    high = 1.0
    while t_cdf(high, degrees) < p:
        high *= 2
    return _bisect(lambda t: t_cdf(t, degrees) - p, 0.0, high)


def t_cdf(t: float, degrees: float) -> float:
    """Return Student's distribution function at t, from the incomplete beta function (DLMF §8.17)."""
    upper = 0.5 * regularised_beta(degrees / (degrees + t * t), degrees / 2, 0.5)
    return 1 - upper if t > 0 else upper


def two_sided_p(t: float, degrees: float) -> float:
    """Return the probability of a Student's t at least as far from nought as `t`, either way."""
    return regularised_beta(degrees / (degrees + t * t), degrees / 2, 0.5)


def _bisect(function: Callable[[float], float], low: float, high: float) -> float:
    """Return where an increasing function crosses zero, to the last bit."""
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return high


def regularised_beta(x: float, a: float, b: float) -> float:
    """Return I_x(a, b) for 0 ≤ x ≤ 1 by its continued fraction, DLMF 8.17.22, evaluated from its tail."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast only on this side
        return 1 - regularised_beta(1 - x, b, a)
    fraction = 1.0
    for m in range(50 + 5 * math.isqrt(int(max(a, b)) + 1), 0, -1):
        odd = -(a + m - 1) * (a + b + m - 1) * x / ((a + 2 * m - 2) * (a + 2 * m - 1))
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        fraction = 1 + odd / (1 + even / fraction)
    log_front = a * math.log(x) + b * math.log1p(-x) + math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    return math.exp(log_front) / (a * fraction)
