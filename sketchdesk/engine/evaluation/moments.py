"""Mean and covariance of a set in one pass, and the Fréchet distance of two (Heusel et al. 2017). float64 NumPy."""

from __future__ import annotations

from typing import Self

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_CHUNK = 1024
"""Rows turned to float64 together: 16 MiB of Inception features."""


class Moments:
    """Takes the rows of a set as they come and keeps D² numbers of them, however many there are.

    Chunks are joined by the update of Chan, Golub and LeVeque (1983), which does not lose digits to a large mean.
    """

    def __init__(self, width: int) -> None:
        self.count = 0
        self.mean: Matrix = np.zeros(width)
        self._scatter: Matrix = np.zeros((width, width))

    @classmethod
    def of(cls, rows: NDArray[np.floating]) -> Self:
        """Return the moments of [N, D] rows."""
        moments = cls(rows.shape[1])
        moments.add(rows)
        return moments

    def add(self, rows: NDArray[np.floating]) -> None:
        """Take [N, D] more rows."""
        for start in range(0, len(rows), _CHUNK):
            self._add(np.asarray(rows[start : start + _CHUNK], dtype=np.float64))

    def _add(self, rows: Matrix) -> None:
        mean = rows.mean(axis=0)
        centred = rows - mean
        total = self.count + len(rows)
        away = mean - self.mean
        self._scatter += centred.T @ centred
        self._scatter += np.outer(away, away * (self.count * len(rows) / total))
        self.mean = self.mean + away * (len(rows) / total)
        self.count = total

    @property
    def covariance(self) -> Matrix:
        """The unbiased covariance, [D, D]. Raises ValueError for fewer than two rows."""
        if self.count < 2:
            raise ValueError("a covariance needs two rows")
        return self._scatter / (self.count - 1)


def frechet_distance(one: Moments, other: Moments) -> float:
    """Return |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2 (Σ₁ Σ₂)^½) of two Gaussians with these moments.

    With Σ₁ = R₁ R₁ᵀ and Σ₂ = R₂ R₂ᵀ, tr (Σ₁ Σ₂)^½ is the sum of the singular values of R₁ᵀ R₂. The eigenvalues of Σ₁ Σ₂
    are their squares, of which rounding takes the smaller half of the digits: where features vary a thousand times as
    much one way as another, it would take the smallest ones whole.
    """
    first, second = one.covariance, other.covariance
    shared = np.linalg.svd(_root(first).T @ _root(second), compute_uv=False).sum()
    away = one.mean - other.mean
    return float(away @ away + np.trace(first) + np.trace(second) - 2 * shared)


def _root(covariance: Matrix) -> Matrix:
    """Return R with R Rᵀ = Σ, without what rounding makes of an eigenvalue of nought."""
    values, vectors = np.linalg.eigh(covariance)
    floor = values.max(initial=0.0) * len(values) * np.finfo(np.float64).eps
    return np.asarray(vectors * np.sqrt(np.where(values > floor, values, 0.0)))
