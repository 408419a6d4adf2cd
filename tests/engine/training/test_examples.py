"""Splits: what is held out is the seed's choice, and nothing held out looks like anything that is trained on."""

from __future__ import annotations

import pytest
import torch
from PIL import Image

from sketchdesk.engine.training.examples import Example, TrainingSet
from sketchdesk.library.dataset.items import Item
from sketchdesk.library.dataset.looks import look_of
from sketchdesk.library.dataset.shapes import Shape


class NoLatents:
    """A split needs none."""


def of_groups(groups: list[int]) -> TrainingSet:
    """A set of as many examples; those of one group look alike."""
    looks = {}
    for group in set(groups):
        generator = torch.Generator().manual_seed(group)
        noise = torch.randint(256, (16, 17, 3), generator=generator, dtype=torch.uint8)
        looks[group] = look_of(Image.fromarray(noise.numpy()))
    square = Shape(32, 32)
    examples = [
        Example(Item(str(n), str(n), lambda: b""), f"{n}", looks[group], square, False)
        for n, group in enumerate(groups)
    ]
    return TrainingSet(examples, NoLatents(), 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("share", "held"), [(0.0, 0), (0.1, 1), (0.01, 1), (0.34, 3), (0.5, 5)])
def test_the_share_is_held_out_and_nothing_is_in_both(share, held):
    shown, held_out = of_groups(list(range(10))).split(share, seed=3)
    assert len(shown) == 10 - held
    assert (len(held_out) if held_out else 0) == held
    captions = shown.captions + (held_out.captions if held_out else [])
    assert sorted(captions, key=int) == [str(n) for n in range(10)]


def test_the_split_depends_on_the_seed_alone():
    held = [of_groups(list(range(40))).split(0.25, seed)[1].captions for seed in (1, 1, 2)]
    assert held[0] == held[1] != held[2]


def test_a_single_example_is_trained_on():
    shown, held_out = of_groups([0]).split(0.5, seed=0)
    assert (len(shown), held_out) == (1, None)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("groups", [
    [n // 3 for n in range(60)], [*range(50), *range(10)], [0] * 20, [0] * 19 + [1], [n % 2 for n in range(20)],
])  # fmt: skip
def test_no_copy_of_what_is_held_out_is_trained_on(groups, seed):
    shown, held_out = of_groups(groups).split(0.2, seed)
    assert len(shown) > 0
    if held_out is not None:
        trained = {groups[int(caption)] for caption in shown.captions}
        assert trained.isdisjoint(groups[int(caption)] for caption in held_out.captions)
    assert (held_out is None) == (len(set(groups)) == 1)


def test_a_few_copies_change_nothing_of_what_is_trained_on():
    plain = of_groups(list(range(100))).split(0.2, seed=5)
    copies = of_groups([*range(97), 0, 1, 2]).split(0.2, seed=5)
    assert copies[0].captions == plain[0].captions
    assert set(copies[1].captions) <= set(plain[1].captions)
