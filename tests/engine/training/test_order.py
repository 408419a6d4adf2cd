"""Which examples are shown when: every one as often as it should be, in an order that is the seed's alone."""

from __future__ import annotations

from collections import Counter

import pytest
import torch

from sketchdesk.engine.training.order import Order
from sketchdesk.library.dataset.chance import step_seed, view_of


def shown(order: Order, steps: int) -> list[int]:
    return [one.example for step in range(steps) for one in order.at(step)]


def test_each_pass_shows_every_example_once():
    seen = shown(Order([0] * 10, [1] * 10, 3, seed=4), 20)
    for start in range(0, 60, 10):
        assert sorted(seen[start : start + 10]) == list(range(10))
    assert seen[:10] != seen[10:20]


def test_one_bucket_is_shown_in_the_order_of_earlier_versions():
    expected = []
    for epoch in range(3):
        generator = torch.Generator().manual_seed(step_seed(7, epoch, 1))
        expected += torch.randperm(10, generator=generator).tolist()
    assert shown(Order([0] * 10, [1] * 10, 3, seed=7), 10) == expected


def test_the_order_depends_on_nothing_but_seed_and_step():
    order = Order([0, 1] * 50, [1] * 100, 8, seed=1)
    forth, back = [order.at(step) for step in range(60)], [order.at(step) for step in reversed(range(60))]
    assert forth == back[::-1]
    assert Order([0, 1] * 50, [1] * 100, 8, seed=1).at(57) == forth[57]
    assert Order([0, 1] * 50, [1] * 100, 8, seed=2).at(57) != forth[57]


def test_repeats_are_shown_as_often_as_they_say_and_each_time_is_another():
    order = Order([0, 0, 0], [1, 3, 2], 3, seed=0)
    assert Counter(shown(order, 2)) == {0: 1, 1: 3, 2: 2}
    assert len({one.place for step in range(2) for one in order.at(step)}) == 6


@pytest.mark.parametrize("size", [1, 3, 4])
def test_buckets_share_no_batch_and_none_is_dropped(size):
    buckets = [0] * 7 + [1] * 4 + [2]
    order = Order(buckets, [1] * 12, size, seed=3)
    steps = 12 * 10  # ten passes of each bucket, in whole batches
    for step in range(steps):
        assert len({buckets[one.example] for one in order.at(step)}) == 1
    counts = Counter(shown(order, steps))
    passes = steps * size / 12
    assert all(abs(counts[example] - passes) <= 1 + size for example in range(12))
    if passes == 10:
        assert set(counts.values()) == {10}
    first = [order.at(step)[0].example for step in range(12 // size)]
    assert [buckets[example] for example in first] != sorted(buckets[example] for example in first)


def test_step_seeds_do_not_collide():
    seeds = {step_seed(seed, step, purpose) for seed in range(5) for step in range(500) for purpose in (1, 2)}
    assert len(seeds) == 5 * 500 * 2


def test_views_are_the_seeds_alone_and_fill_their_range():
    views = [view_of(3, epoch, index, False, True) for epoch in range(20) for index in range(50)]
    assert views == [view_of(3, n // 50, n % 50, False, True) for n in range(1000)]
    assert len(set(views)) == 1000
    assert 400 < sum(view.flipped for view in views) < 600
    for side in (0, 1):
        assert min(view.crop[side] for view in views) < 0.05
        assert max(view.crop[side] for view in views) > 0.95
    still = view_of(3, 0, 0, center_crop=True, random_flip=False)
    assert (still.crop, still.flipped) == ((0.5, 0.5), False)
