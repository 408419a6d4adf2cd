"""Mean, covariance and Fréchet distance against closed forms and a plain float64 reference."""

from __future__ import annotations

import numpy as np
import pytest

from sketchdesk.engine.evaluation.moments import Moments, frechet_distance


def with_moments(mean, root, count=400, seed=0):
    """Rows whose sample mean and covariance are exactly `mean` and root rootᵀ."""
    rows = np.random.default_rng(seed).normal(size=(count, len(mean)))
    rows -= rows.mean(axis=0)
    covariance = rows.T @ rows / (count - 1)
    return rows @ np.linalg.inv(np.linalg.cholesky(covariance)).T @ root.T + mean


def plain_fid(one, other):
    """The definition, with the matrix root from a general eigendecomposition of the product."""
    first, second = np.cov(one, rowvar=False), np.cov(other, rowvar=False)
    roots = np.sqrt(np.linalg.eigvals(first @ second).astype(complex)).real.sum()
    return ((one.mean(0) - other.mean(0)) ** 2).sum() + np.trace(first) + np.trace(second) - 2 * roots


def test_moments_of_parts_are_those_of_the_whole_even_far_from_nought():
    rows = np.random.default_rng(1).normal(size=(3001, 7)) + 1e6
    moments = Moments(7)
    for part in np.array_split(rows, 13):
        moments.add(part)
    assert moments.count == 3001
    assert moments.mean == pytest.approx(rows.mean(axis=0), rel=1e-12)
    assert moments.covariance == pytest.approx(np.cov(rows, rowvar=False), rel=1e-6, abs=1e-8)


def test_gaussians_with_diagonal_covariances_have_the_closed_form():
    one, other = np.array([1.0, 2.0, 0.5, 3.0]), np.array([2.0, 0.25, 0.5, 1.0])
    away = np.array([0.5, -1.0, 0.0, 2.0])
    drawn = with_moments(away, np.diag(one))
    real = with_moments(np.zeros(4), np.diag(other), seed=1)
    expected = (away**2).sum() + ((one - other) ** 2).sum()
    assert frechet_distance(Moments.of(drawn), Moments.of(real)) == pytest.approx(expected, rel=1e-6)


def test_a_set_turned_and_scaled_has_the_closed_form():
    rng = np.random.default_rng(2)
    root = rng.normal(size=(6, 6))
    rows = with_moments(np.zeros(6), root)
    # Σ₂ = 4 Σ₁ commutes with Σ₁: tr(Σ + 4Σ − 2·2Σ) = tr Σ.
    expected = np.trace(root @ root.T)
    assert frechet_distance(Moments.of(rows), Moments.of(2 * rows)) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("width", [3, 40])
def test_it_equals_the_definition(width):
    rng = np.random.default_rng(width)
    drawn = rng.normal(size=(500, width)) @ rng.normal(size=(width, width))
    real = rng.normal(size=(300, width)) @ rng.normal(size=(width, width)) + 0.3
    found = frechet_distance(Moments.of(drawn), Moments.of(real))
    assert found == pytest.approx(plain_fid(drawn, real), rel=1e-6)
    assert found == pytest.approx(frechet_distance(Moments.of(real), Moments.of(drawn)), rel=1e-9)


def test_directions_in_which_little_varies_count_to_the_last_digits():
    one = 10.0 ** -np.linspace(0, 8, 33)
    other = np.where(one < 1e-5, 9 * one, one)  # they differ only where they vary least
    drawn = with_moments(np.zeros(33), np.diag(np.sqrt(one)))
    real = with_moments(np.zeros(33), np.diag(np.sqrt(other)), seed=1)
    expected = ((np.sqrt(one) - np.sqrt(other)) ** 2).sum()
    assert frechet_distance(Moments.of(drawn), Moments.of(real)) == pytest.approx(expected, rel=1e-6)


def test_a_set_is_nought_from_itself_with_fewer_rows_than_columns_too():
    rows = np.random.default_rng(3).normal(size=(20, 50))
    assert frechet_distance(Moments.of(rows), Moments.of(rows)) == pytest.approx(0, abs=1e-9 * 50)


def test_one_row_has_no_covariance():
    with pytest.raises(ValueError, match="two rows"):
        _ = Moments.of(np.zeros((1, 3))).covariance
