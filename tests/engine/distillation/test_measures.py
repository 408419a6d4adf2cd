"""Measures against closed forms: a Gaussian's paths, straight ones, and pairs whose errors are known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from sketchdesk.engine.distillation.measures import HeldOut, psnr, straightness, variety
from sketchdesk.engine.distillation.portions import Portions
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.distillation.pairs import Pair, PairSet, Teacher, begin, open_pairs, write_shard

VARIANCES = torch.tensor([1.0, 0.25, 4.0], dtype=torch.float64)
SHAPE = (1, 2, 2)
TEACHER = Teacher(
    model="m", model_hash="0", sampler="ddim", num_inference_steps=8, guidance_scale=0.0, width=2, height=2, shape=SHAPE
)


def noise(count: int = 20_000) -> Tensor:
    return torch.randn((count, 3), generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def of_gaussian(x: Tensor, s: Tensor) -> Tensor:
    """The velocity towards N(0, diag(VARIANCES)) of independent pairs: s x / c − (1 − s) λ x / c."""
    wide = s.double()[:, None]
    spread = (1 - wide) ** 2 * VARIANCES + wide**2
    return (wide - (1 - wide) * VARIANCES) * x / spread


def test_a_gaussians_paths_are_as_curved_as_the_formula_says():
    found = straightness(of_gaussian, noise(), steps=400)
    assert found.value == pytest.approx((2 - math.pi / 2) * VARIANCES.sqrt().sum().item(), rel=0.03)


def test_straight_paths_have_no_curvature():
    def of_pairs(x: Tensor, s: Tensor) -> Tensor:
        """Of pairs x0 = 2 z, matched: x_s = (2 − s) z."""
        return -x / (2 - s.double()[:, None])

    found = straightness(of_pairs, noise())
    assert found.value == pytest.approx(0.0, abs=1e-9)
    assert found.relative == pytest.approx(0.0, abs=1e-9)


def test_the_relative_one_is_a_share_of_the_way():
    found = straightness(of_gaussian, noise(2000))
    ends = noise(2000)
    for number in range(50):
        ends = ends - of_gaussian(ends, torch.full((len(ends),), 1 - number / 50)) / 50
    whole = (noise(2000) - ends).square().sum(dim=1).mean().item()
    assert found.relative == pytest.approx(found.value / whole)


def test_a_ratio_in_decibels():
    assert psnr(4.0) == pytest.approx(0.0)
    assert psnr(0.04) == pytest.approx(20.0)
    assert psnr(0.0) == pytest.approx(100.0)


def test_variety_is_the_mean_distance_within_groups():
    group = torch.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 0.0]])
    assert variety([group]) == pytest.approx(10 / 3)
    assert variety([group, 2 * group]) == pytest.approx(5.0)


@pytest.fixture
def pairs(tmp_path: Path) -> PairSet:
    asked = [Pair(f"caption {number % 2}", number, number >= 4) for number in range(10)]
    values = np.stack([np.random.default_rng(number).standard_normal(SHAPE) for number in range(10)]).astype(np.float16)
    begin(tmp_path, TEACHER)
    write_shard(tmp_path, asked, values.astype(np.float32), 0.5 * values.astype(np.float32))
    return open_pairs(tmp_path)


def held_out(pairs: PairSet, together: int = 4) -> HeldOut:
    portions = Portions(together, Reporter(lambda _event: None))
    return HeldOut(pairs, torch.device("cpu"), lambda latents: latents / 8, portions)


def test_a_student_that_is_the_teacher_makes_no_error(pairs):
    marks = held_out(pairs).marks(lambda noise, _captions, _steps: noise / 2, 1)
    assert (marks.steps, marks.latent_mse) == (1, 0.0)
    assert marks.psnr == pytest.approx(100.0)
    assert marks.variety == pytest.approx(1.0)


def test_errors_are_those_of_held_out_pairs_in_latents_and_pixels(pairs):
    marks = held_out(pairs).marks(lambda noise, _captions, _steps: noise / 2 + 0.5, 2)
    assert marks.latent_mse == pytest.approx(0.25)
    assert marks.psnr == pytest.approx(10 * math.log10(4 / 0.25 * 64))
    assert marks.variety == pytest.approx(1.0)  # all moved alike


def test_a_student_that_draws_one_picture_for_all_has_no_variety_and_a_gain_below_the_better_one(pairs):
    one = held_out(pairs).marks(lambda noise, _captions, _steps: torch.zeros_like(noise), 1)
    half = held_out(pairs).marks(lambda noise, _captions, _steps: noise / 4, 1)
    assert one.variety == 0.0
    assert half.variety == pytest.approx(0.5)
    assert half.gain_over(one) == pytest.approx(0.75)


def test_variety_is_looked_for_among_pairs_of_one_caption_held_out_ones_first(pairs):
    groups = held_out(pairs).alike()
    assert sorted(pairs.pairs[group[0]].caption for group in groups) == ["caption 0", "caption 1"]
    for group in groups:
        assert len({pairs.pairs[index].caption for index in group}) == 1
        assert [pairs.pairs[index].held_out for index in group] == [True] * 3 + [False] * 2


def test_only_held_out_pairs_are_shown(pairs):
    assert set(held_out(pairs).shown) == set(pairs.held_out.tolist())


def test_nothing_measured_depends_on_how_many_are_drawn_at_once(pairs):
    def draw(noise: Tensor, _captions: object, _steps: int) -> Tensor:
        seen.append(len(noise))
        return noise / 4

    def velocity(x: Tensor, s: Tensor, _captions: object) -> Tensor:
        seen.append(len(x))
        return x * (1 + s.view(-1, 1, 1, 1))

    seen: list[int] = []
    few, many = (held_out(pairs, together) for together in (2, 6))
    one, other = few.marks(draw, 1), many.marks(draw, 1)
    assert (one.latent_mse, one.psnr, one.variety) == pytest.approx((other.latent_mse, other.psnr, other.variety))
    assert few.straightness(velocity) == pytest.approx(many.straightness(velocity))
    seen.clear()
    few.marks(draw, 1)
    few.straightness(velocity)
    assert max(seen) == 2
