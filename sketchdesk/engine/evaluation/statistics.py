"""From scores of images to statements about models: means, intervals, paired differences, verdicts. numpy only.

Images of one prompt resemble each other, so a prompt, not an image, is the unit of chance: a model is summarised by the
mean of its prompts' means and the interval is made over prompts. Below `BOOTSTRAP_PROMPTS` prompts it is Student's
t-interval of the prompt means, which holds its level at such sizes where a bootstrap is too narrow; from there on it is
a hierarchical bootstrap over prompts and, inside each, images (Davison and Hinkley 1997, §3.8), whose spread is set to
the unbiased one: as it comes it is too wide where the images of a prompt differ more than the prompts do, and a
percentile interval of few prompts is too narrow (Hesterberg 2015, The American Statistician 69, on expanding it).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sketchdesk.library.evaluation.distributions import NORMAL_QUANTILE, sign_test_p, t_quantile
from sketchdesk.library.evaluation.findings import (
    BOOTSTRAP_PROMPTS,
    FEW_PROMPTS,
    LEVEL,
    RESAMPLES,
    Comparison,
    Interval,
    Needed,
)

Groups = Mapping[str, Sequence[float]]
"""Prompt → the values of its images."""
Scores = Mapping[tuple[str, int], float]
"""(Prompt, seed) → the value of that image."""

NORMAL_POWER = 0.8416212335729143
"""Of the normal distribution at POWER."""
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

    Each resample draws P prompts with replacement, and for each as many of its images, with replacement. The resampled
    means keep their shape and are stretched about the mean until their spread is s/√P, s that of the prompts' means,
    times how much further out Student's quantile lies than the normal one.
    """
    own = prompt_means(groups)
    mean, error = float(own.mean()), float(own.std(ddof=1)) / math.sqrt(len(own)) if len(own) > 1 else 0.0
    counts = np.array([len(values) for values in groups.values()])  # [P]
    padded = np.zeros((len(counts), counts.max()))  # [P, S]
    for row, values in zip(padded, groups.values(), strict=True):
        row[: len(values)] = values
    rng = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_ELEMENTS // padded.size)
    means = [
        _resampled_means(padded, counts, rng, min(chunk, resamples - start)) for start in range(0, resamples, chunk)
    ]
    deviations = np.concatenate(means) - mean
    spread = float(deviations.std())
    wider = t_quantile(0.5 + LEVEL / 2, len(own) - 1) / NORMAL_QUANTILE if len(own) > 1 else 1.0
    low, high = np.quantile(deviations, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) * (wider * error / spread if spread else 0)
    return Interval(mean, mean + float(low), mean + float(high), "bootstrap", len(counts))


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
        needed=needed_size(differences),
    )


def needed_size(differences: Groups) -> Needed | None:
    """Return how many prompts, or images of these prompts, would tell a mean difference like this one from none.

    The number of prompts is that of a two-sided paired t-test, ((z₁ + z₂) / d)² + z₁² / 2 (Guenther 1981); with P
    prompts given, their means must vary less for it, and more images lessen only the part that images make. None where
    there are not two prompts, or nothing differs.
    """
    if len(differences) < 2:
        return None
    means = prompt_means(differences)
    mean, variance = float(means.mean()), float(means.var(ddof=1))
    if mean == 0 or variance == 0:
        return None
    both, extra = (NORMAL_QUANTILE + NORMAL_POWER) ** 2, NORMAL_QUANTILE**2 / 2
    prompts = math.ceil(both * variance / mean**2 + extra)
    within = [float(np.var(values, ddof=1)) for values in differences.values() if len(values) > 1]
    if not within or len(means) < FEW_PROMPTS:
        return Needed(max(prompts, 2), None)
    of_image = sum(within) / len(within)
    images_now = len(means) / sum(1 / len(values) for values in differences.values())  # harmonic mean
    of_prompt = max(0.0, variance - of_image / images_now)
    room = (len(means) - extra) * mean**2 / both - of_prompt
    return Needed(max(prompts, 2), max(1, math.ceil(of_image / room)) if room > 0 else None)
