"""Distances of two sets of features, [N, D] and [M, D], as the papers define them. float64 NumPy, seeded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.floating]
_CHUNK_ELEMENTS = 8_000_000
"""Distances held at once: 64 MiB."""

KID_SUBSETS, KID_SUBSET_SIZE = 100, 1000
CMMD_SIGMA, CMMD_SCALE = 10.0, 1000.0
SPLITS = 10
PRECISION_NEIGHBOURS, DENSITY_NEIGHBOURS = 3, 5


@dataclass(frozen=True)
class Spread:
    """A mean over parts of a set and the parts' standard deviation, None where no part is less than the whole."""

    mean: float
    deviation: float | None


@dataclass(frozen=True)
class Manifolds:
    """How two sets lie in each other: four shares, 0..1, density alone can be more."""

    precision: float
    recall: float
    density: float
    coverage: float


def kernel_distance(
    one: Rows, other: Rows, seed: int = 0, subsets: int = KID_SUBSETS, size: int = KID_SUBSET_SIZE
) -> Spread:
    """Return KID (Bińkowski et al. 2018): MMD², unbiased, kernel (x·y / D + 1)³, over seeded subsets of each set.

    A set of no more rows than a subset is in every subset whole: the subsets then say nothing of how KID would vary.
    Raises ValueError for a set of fewer than two rows.
    """
    size = min(size, len(one), len(other))
    if size < 2:
        raise ValueError("a kernel distance needs two rows of each")
    rng = np.random.default_rng(seed)
    found = []
    for _subset in range(subsets if size < max(len(one), len(other)) else 1):  # of two whole sets all are the same
        x = _rows(one[rng.choice(len(one), size, replace=False)])
        y = _rows(other[rng.choice(len(other), size, replace=False)])
        found.append(unbiased_mmd2(_cubic(x, x), _cubic(y, y), _cubic(x, y)))
    is_part = size < min(len(one), len(other))
    return Spread(float(np.mean(found)), float(np.std(found)) if is_part else None)


def unbiased_mmd2(xx: Rows, yy: Rows, xy: Rows) -> float:
    """Return the unbiased MMD² of kernel matrices [N, N], [M, M] and [N, M]: their diagonals do not count."""
    n, m = xy.shape
    within = (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(within - 2 * xy.mean())


def _cubic(x: Rows, y: Rows) -> Rows:
    return np.asarray((x @ y.T / x.shape[1] + 1) ** 3)


def cmmd(one: Rows, other: Rows) -> float:
    """Return CMMD (Jayasumana et al. 2024) of CLIP embeddings of length one: 1000 · biased MMD², Gaussian, σ = 10."""
    return CMMD_SCALE * (_mean_gauss(one, one) + _mean_gauss(other, other) - 2 * _mean_gauss(one, other))


def _mean_gauss(one: Rows, other: Rows) -> float:
    """Return the mean of exp(−|x − y|² / 2σ²) over all pairs."""
    total = sum(float(np.exp(-part / (2 * CMMD_SIGMA**2)).sum()) for part in _squared(one, other))
    return total / (len(one) * len(other))


def _squared(one: Rows, other: Rows) -> Iterator[Rows]:
    """Yield the squared distances of a few rows of `one` to all of `other`."""
    columns = _rows(other)
    norms = (columns**2).sum(axis=1)
    step = max(1, _CHUNK_ELEMENTS // max(1, len(columns)))
    for start in range(0, len(one), step):
        part = _rows(one[start : start + step])
        yield np.maximum((part**2).sum(axis=1)[:, None] + norms - 2 * part @ columns.T, 0.0)


def inception_score(logits: Rows, splits: int = SPLITS, seed: int = 0) -> Spread:
    """Return exp E KL(p(y|x) ‖ p(y)) (Salimans et al. 2016) over `splits` parts of [N, C] logits, shuffled by the seed.

    As they come, pictures of one prompt lie together, and a part would show fewer classes than the whole does.
    """
    scores = []
    shuffled = _rows(logits)[np.random.default_rng(seed).permutation(len(logits))]
    for part in np.array_split(shuffled, min(splits, len(logits))):
        shifted = part - part.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        p = np.exp(log_p)
        marginal = p.mean(axis=0)
        terms = p * (log_p - np.log(np.where(marginal > 0, marginal, 1.0)))
        scores.append(np.exp(terms.sum(axis=1).mean()))
    return Spread(float(np.mean(scores)), float(np.std(scores)))


def manifolds(drawn: Rows, real: Rows) -> Manifolds:
    """Return precision and recall (Kynkäänniemi et al. 2019, k = 3), density and coverage (Naeem et al. 2020, k = 5).

    Raises ValueError for a set with too few rows to have so many neighbours.
    """
    if min(len(drawn), len(real)) <= DENSITY_NEIGHBOURS:
        raise ValueError(f"neighbours need more than {DENSITY_NEIGHBOURS} rows of each")
    real_near, real_wide = _radii(real, (PRECISION_NEIGHBOURS, DENSITY_NEIGHBOURS))
    (drawn_near,) = _radii(drawn, (PRECISION_NEIGHBOURS,))
    precise = balls = 0
    covered = np.zeros(len(real), dtype=bool)
    inside = np.zeros(len(real), dtype=bool)
    for start, part in _placed(drawn, real):
        precise += int((part <= real_near).any(axis=1).sum())
        within = part <= real_wide
        balls += int(within.sum())
        covered |= within.any(axis=0)
        inside |= (part <= drawn_near[start : start + len(part), None]).any(axis=0)
    return Manifolds(
        precision=precise / len(drawn),
        recall=float(inside.mean()),
        density=balls / (DENSITY_NEIGHBOURS * len(drawn)),
        coverage=float(covered.mean()),
    )


def _radii(rows: Rows, neighbours: tuple[int, ...]) -> list[Rows]:
    """Return for each k the squared distance of every row to its k-th neighbour, itself not counted."""
    found: list[list[Rows]] = [[] for _k in neighbours]
    for start, part in _placed(rows, rows):
        part[np.arange(len(part)), start + np.arange(len(part))] = 0.0
        for place, k in enumerate(neighbours):
            found[place].append(np.partition(part, k, axis=1)[:, k])
    return [np.concatenate(parts) for parts in found]


def _placed(one: Rows, other: Rows) -> Iterator[tuple[int, Rows]]:
    """Yield the squared distances as _squared does, each part with the number of its first row."""
    start = 0
    for part in _squared(one, other):
        yield start, part
        start += len(part)


def _rows(rows: Rows) -> NDArray[np.float64]:
    return np.asarray(rows, dtype=np.float64)
