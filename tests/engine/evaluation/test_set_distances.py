"""Distances of sets against their definitions, written out with plain loops."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sketchdesk.engine.evaluation.set_distances import cmmd, inception_score, kernel_distance, manifolds

RNG = np.random.default_rng(0)
DRAWN, REAL = RNG.normal(size=(30, 8)), RNG.normal(size=(24, 8)) * 1.3 + 0.2


def kernel(x, y):
    return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3


def plain_kid(one, other):
    n, m = len(one), len(other)
    xx = sum(kernel(one[i], one[j]) for i in range(n) for j in range(n) if i != j) / (n * (n - 1))
    yy = sum(kernel(other[i], other[j]) for i in range(m) for j in range(m) if i != j) / (m * (m - 1))
    xy = sum(kernel(x, y) for x in one for y in other) / (n * m)
    return xx + yy - 2 * xy


def test_kid_of_whole_sets_is_the_definition():
    found = kernel_distance(DRAWN[:24], REAL, subsets=3)
    assert found.mean == pytest.approx(plain_kid(DRAWN[:24], REAL), rel=1e-6)
    assert found.deviation is None  # every subset is the whole set, and says nothing of how others would be


def test_kid_has_a_deviation_only_where_subsets_are_parts_of_both_sets():
    assert kernel_distance(DRAWN, REAL, subsets=5).deviation is None  # REAL is whole in each
    assert kernel_distance(DRAWN, REAL, subsets=5, size=12).deviation > 0


def test_kid_subsets_are_seeded():
    found = [kernel_distance(DRAWN, REAL, seed=seed, subsets=5, size=10) for seed in (0, 0, 1)]
    assert found[0] == found[1]
    assert found[0].mean != found[2].mean
    assert found[0].deviation > 0


def test_kid_of_samples_of_one_distribution_is_nought_on_average():
    rng = np.random.default_rng(5)
    found = [kernel_distance(rng.normal(size=(50, 8)), rng.normal(size=(50, 8)), subsets=1).mean for _n in range(200)]
    assert abs(np.mean(found)) < 4 * np.std(found) / math.sqrt(200)


def test_cmmd_is_the_direct_formula():
    one = DRAWN / np.linalg.norm(DRAWN, axis=1, keepdims=True)
    other = REAL / np.linalg.norm(REAL, axis=1, keepdims=True)

    def mean(left, right):
        return np.mean([[math.exp(-((a - b) ** 2).sum() / 200) for b in right] for a in left])

    expected = 1000 * (mean(one, one) + mean(other, other) - 2 * mean(one, other))
    assert cmmd(one, other) == pytest.approx(expected, rel=1e-6)
    assert cmmd(one, one) == pytest.approx(0, abs=1e-9)


def test_inception_scores_closed_forms():
    sure = np.full((40, 4), -1000.0)
    sure[np.arange(40), np.arange(40) % 4] = 0
    assert inception_score(sure, splits=1).mean == pytest.approx(4)  # sure of each, and all alike often
    assert inception_score(np.zeros((40, 4))).mean == pytest.approx(1)  # never sure of anything


def test_the_inception_score_is_the_definition():
    logits = RNG.normal(size=(30, 6))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    p = p[np.random.default_rng(0).permutation(30)]
    parts = np.array_split(p, 3)
    scores = [math.exp(np.mean([sum(q * math.log(q / m) for q, m in zip(row, part.mean(0), strict=True))
                                for row in part])) for part in parts]  # fmt: skip
    found = inception_score(logits, splits=3)
    assert found.mean == pytest.approx(np.mean(scores), rel=1e-9)
    assert found.deviation == pytest.approx(np.std(scores), rel=1e-6)


def test_the_inception_score_does_not_fall_because_pictures_of_one_prompt_lie_together():
    by_prompt = np.full((400, 4), -1000.0)
    by_prompt[np.arange(400), np.arange(400) // 100] = 0  # a hundred of each class, one class after another
    assert inception_score(by_prompt, splits=4).mean == pytest.approx(4, rel=0.05)


def test_manifolds_are_the_definitions():
    def radius(rows, index, k):
        return sorted(np.linalg.norm(rows - rows[index], axis=1))[k]

    real = np.concatenate([REAL, REAL[:6] + 30])  # some that nothing drawn is near
    drawn = np.concatenate([DRAWN, DRAWN[:5] - 30])
    away = np.array([[np.linalg.norm(x - y) for y in real] for x in drawn])
    near_real = np.array([radius(real, j, 3) for j in range(len(real))])
    near_drawn = np.array([radius(drawn, i, 3) for i in range(len(drawn))])
    wide_real = np.array([radius(real, j, 5) for j in range(len(real))])
    found = manifolds(drawn, real)
    assert found.precision == pytest.approx(np.mean([any(row <= near_real) for row in away]))
    assert found.recall == pytest.approx(np.mean([any(column <= near_drawn) for column in away.T]))
    assert found.density == pytest.approx((away <= wide_real).sum() / (5 * len(drawn)))
    assert found.coverage == pytest.approx(np.mean([any(away[:, j] <= wide_real[j]) for j in range(len(real))]))
    assert 0 < found.precision < 1
    assert 0 < found.recall < 1
    assert 0 < found.coverage < 1


def test_sets_far_apart_share_nothing_and_equal_sets_everything():
    far = manifolds(DRAWN, REAL + 1000)
    assert (far.precision, far.recall, far.density, far.coverage) == (0, 0, 0, 0)
    same = manifolds(REAL, REAL)
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)


def test_parts_give_what_the_whole_gives(monkeypatch):
    whole = manifolds(DRAWN, REAL), cmmd(DRAWN, REAL)
    monkeypatch.setattr("sketchdesk.engine.evaluation.set_distances._CHUNK_ELEMENTS", 50)
    assert manifolds(DRAWN, REAL) == whole[0]
    assert cmmd(DRAWN, REAL) == pytest.approx(whole[1], rel=1e-12)


@pytest.mark.parametrize("measure", [kernel_distance, manifolds])
def test_a_single_picture_is_no_set(measure):
    with pytest.raises(ValueError, match="rows of each"):
        measure(DRAWN[:1], REAL)
