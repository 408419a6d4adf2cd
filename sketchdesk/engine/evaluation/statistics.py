"""From scores of images to statements about models: means, intervals, paired differences, verdicts. numpy only.

Images of one prompt resemble each other, so a prompt, not an image, is the unit of chance: a model is summarised by the
mean of its prompts' means and the interval is made over prompts. Below `BOOTSTRAP_PROMPTS` prompts it is Student's
t-interval of the prompt means, which holds its level at such sizes where a bootstrap is too narrow; from there on it is
a hierarchical bootstrap over prompts and, inside each, images (Davison and Hinkley 1997, §3.8).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sketchdesk.library.findings import BOOTSTRAP_PROMPTS, LEVEL, RESAMPLES, Comparison, Interval

Groups = Mapping[str, Sequence[float]]
"""Prompt → the values of its images."""
Scores = Mapping[tuple[str, int], float]
"""(Prompt, seed) → the value of that image."""

_CHUNK_ELEMENTS = 4_000_000


def prompt_means(groups: Groups) -> NDArray[np.float64]:
    """Return the mean of each prompt, [P]. Raises ValueError where there is no prompt or a prompt has no value."""
    if not groups or any(len(values) == 0 for values in groups.values()):
        raise ValueError("a mean needs at least one prompt and one value for each")
    return np.array([np.mean(np.asarray(values, dtype=np.float64)) for values in groups.values()])


def mean_of_means(groups: Groups) -> float:
    """Return the mean of the prompts' means: every prompt counts the same, however many images it has."""
    return float(prompt_means(groups).mean())


def interval(groups: Groups, seed: int = 0) -> Interval:
    """Return the mean of means with its 95 % interval, by the method that fits the number of prompts."""
    if len(groups) >= BOOTSTRAP_PROMPTS:
        return bootstrap_interval(groups, seed)
    return t_interval(prompt_means(groups))


def t_interval(values: Sequence[float] | NDArray[np.float64]) -> Interval:
    """Return the mean of [N] independent values with Student's two-sided 95 % interval."""
    array = np.asarray(values, dtype=np.float64)
    mean = float(array.mean())
    if len(array) < 2:
        return Interval(mean, None, None, "none", len(array))
    half = t_quantile(0.5 + LEVEL / 2, len(array) - 1) * float(array.std(ddof=1)) / math.sqrt(len(array))
    return Interval(mean, mean - half, mean + half, "t", len(array))


def bootstrap_interval(groups: Groups, seed: int = 0, resamples: int = RESAMPLES) -> Interval:
    """Return the mean of means with its 95 % percentile interval; the same seed gives the same interval.

    Each resample draws P prompts with replacement, and for each as many of its images, with replacement.
    """
    mean = mean_of_means(groups)
    counts = np.array([len(values) for values in groups.values()])  # [P]
    padded = np.zeros((len(counts), counts.max()))  # [P, S]
    for row, values in zip(padded, groups.values(), strict=True):
        row[: len(values)] = values
    rng = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_ELEMENTS // padded.size)
    means = [
        _resampled_means(padded, counts, rng, min(chunk, resamples - start)) for start in range(0, resamples, chunk)
    ]
    low, high = np.quantile(np.concatenate(means), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(mean, float(low), float(high), "bootstrap", len(counts))


def _resampled_means(
    padded: NDArray[np.float64], counts: NDArray[np.int64], rng: np.random.Generator, resamples: int
) -> NDArray[np.float64]:
    """Return [R] means of means; padded [P, S] holds counts [P] values a row."""
    P, S = padded.shape
    prompts = rng.integers(P, size=(resamples, P))  # [R, P]
    drawn = counts[prompts][..., None]  # [R, P, 1]
    images = (rng.random((resamples, P, S)) * drawn).astype(np.int64)  # [R, P, S], each below its prompt's count
    values = padded[prompts[..., None], images] * (np.arange(S) < drawn)
    return np.asarray((values.sum(axis=-1) / drawn[..., 0]).mean(axis=-1))


def paired_differences(base: Scores, tuned: Scores) -> dict[str, list[float]]:
    """Return prompt → tuned − base for each seed that both have; what only one of them has is left out."""
    differences: dict[str, list[float]] = {}
    for key, value in tuned.items():
        if key in base:
            differences.setdefault(key[0], []).append(value - base[key])
    return differences


def compare(base: Scores, tuned: Scores, seed: int = 0) -> Comparison:
    """Compare two models on what both have drawn. Raises ValueError where they share no prompt and seed."""
    differences = paired_differences(base, tuned)
    means = prompt_means(differences)
    every = [difference for values in differences.values() for difference in values]
    wins, losses = sum(d > 0 for d in every), sum(d < 0 for d in every)
    spread = float(means.std(ddof=1)) if len(means) > 1 else 0.0
    return Comparison(
        difference=interval(differences, seed),
        by_prompt={prompt: t_interval(values) for prompt, values in differences.items()},
        pairs=len(every),
        wins=wins,
        ties=len(every) - wins - losses,
        sign_test_p=sign_test_p(wins, losses),
        effect_size=float(means.mean()) / spread if spread > 0 else None,
    )


def sign_test_p(wins: int, losses: int) -> float:
    """Return the exact two-sided p-value of `wins` against `losses` where each is as likely as the other.

    P(X ≤ k) of a fair binomial of n is the incomplete beta I_½(n − k, k + 1).
    """
    n, fewer = wins + losses, min(wins, losses)
    return 1.0 if wins == losses else min(1.0, 2 * regularised_beta(0.5, n - fewer, fewer + 1))


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
