"""Intervals of the gap between two groups of prompts, of a share, and of a mean of shares. numpy only.

As in statistics, a prompt is the unit of chance, not a picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sketchdesk.engine.evaluation.statistics import Groups, prompt_means
from sketchdesk.library.evaluation.distributions import NORMAL_QUANTILE, t_quantile, wilson
from sketchdesk.library.evaluation.findings import LEVEL, Interval

ADDED = 0.1
"""How many values of nought, and how many of one, a mean of shares is taken to rest on besides (mean_share_interval).

With it intervals of 5 to 20 prompts hold the truth 95 times in 100 or more, also near either end, and are hardly wider
than Student's where prompts differ (tests/engine/evaluation/test_set_intervals.py).
"""


def gap_interval(one: Groups, other: Groups) -> Interval:
    """Return one group's mean of means minus the other's, of different prompts, with Welch's t-interval (Welch 1947).

    Its degrees of freedom are Satterthwaite's (1946). Fewer than two prompts in a group give no interval. Raises
    ValueError where a group has no prompt, or a prompt no value.
    """
    first, second = prompt_means(one), prompt_means(other)
    gap, units = float(first.mean() - second.mean()), len(first) + len(second)
    if min(len(first), len(second)) < 2:
        return Interval(gap, None, None, "none", units)
    parts = [float(means.var(ddof=1)) / len(means) for means in (first, second)]
    variance = sum(parts)
    if variance == 0:
        return Interval(gap, gap, gap, "welch", units)
    degrees = variance**2 / (parts[0] ** 2 / (len(first) - 1) + parts[1] ** 2 / (len(second) - 1))
    half = t_quantile(0.5 + LEVEL / 2, degrees) * math.sqrt(variance)
    return Interval(gap, gap - half, gap + half, "welch", units)


def share_interval(groups: Groups) -> Interval:
    """Return the share of ones among noughts and ones, every picture counting the same, with Wilson's interval (1927).

    Pictures of one prompt resemble each other, so n of P prompts are worth fewer answers: n / d · (z / t)², d how much
    more a share of such clusters varies than one of independent answers (Cochran 1977, §3.12), t Student's for the
    P − 1 degrees of freedom d rests on (Korn and Graubard 1998). d is taken with two prompts more, one all ones and one
    all noughts, as Agresti and Coull (1998) add answers: of the few ones near either end alone it comes out too small.
    Fewer than two prompts give no interval. Raises ValueError as prompt_means does.
    """
    prompts = len(prompt_means(groups))
    counts, ones = (np.array([of(values) for values in groups.values()], dtype=np.float64) for of in (len, sum))
    images = float(counts.sum())
    share = float(ones.sum()) / images
    if prompts < 2:
        return Interval(share, None, None, "none", prompts)
    size = images / prompts
    widened = _times_as_variable(np.append(counts, [size, size]), np.append(ones, [size, 0.0]))
    worth = images / max(1.0, widened) * (NORMAL_QUANTILE / t_quantile(0.5 + LEVEL / 2, prompts - 1)) ** 2
    return Interval(share, *wilson(share * worth, worth), "wilson", prompts)


def mean_share_interval(values: Sequence[float] | NDArray[np.float64]) -> Interval:
    """Return the mean of [N] independent values of 0..1 with a 95 % interval that stays within 0..1.

    It is Wilson's (1927) for as many yes-or-no answers as the values are worth, m (1 − m) / s² each, s their deviation
    about their mean m, with Student's t for N − 1 degrees of freedom in the normal quantile's place: in the middle
    Student's own interval, near either end one that leans inwards. Few values near an end may not differ at all, so m
    and s are taken with ADDED values more of nought and of one (Agresti and Coull 1998 add answers alike).
    """
    array = np.asarray(values, dtype=np.float64)
    count, mean = len(array), float(array.mean())
    if count < 2:
        return Interval(mean, None, None, "none", count)
    shares = np.append(array, [0.0, 1.0])
    weights = np.append(np.ones(count), [ADDED, ADDED])
    middle = float(np.average(shares, weights=weights))
    variance = float((weights * (shares - middle) ** 2).sum()) / (float(weights.sum()) - 1)
    worth = count * middle * (1 - middle) / variance * (NORMAL_QUANTILE / t_quantile(0.5 + LEVEL / 2, count - 1)) ** 2
    return Interval(mean, *wilson(mean * worth, worth), "wilson", count)


def _times_as_variable(counts: NDArray[np.float64], ones: NDArray[np.float64]) -> float:
    """Return the variance of a share of clusters, [P] sizes and ones, over that of as many independent answers."""
    images, prompts = float(counts.sum()), len(counts)
    share = float(ones.sum()) / images
    variance = prompts / (prompts - 1) * float(((ones - share * counts) ** 2).sum()) / images**2
    return variance / (share * (1 - share) / images)
