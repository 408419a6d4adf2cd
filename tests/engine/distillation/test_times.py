"""Which noise shares are trained at."""

from __future__ import annotations

import math

import pytest
import torch

from sketchdesk.engine.distillation.times import draw_own_steps, draw_times

COUNT = 400_000


@pytest.mark.parametrize("shape", [0.0, 1.0, 4.0])
def test_moments_of_the_u_shape(shape):
    s = draw_times(COUNT, shape, 0.0, torch.Generator().manual_seed(0)).double()
    square, quarter = 1 / 3, 0.25
    if shape:
        top = math.exp(shape)
        mean = top / (top - 1) - 1 / shape
        one = (top * (1 - 2 / shape)) / (top - 1) + 2 / shape**2
        square = (one + 1 - 2 * mean + one) / 2
        quarter = ((math.exp(shape / 4) - 1) + (top - math.exp(shape * 0.75))) / (2 * (top - 1))
    assert s.mean().item() == pytest.approx(0.5, abs=3e-3)
    assert s.square().mean().item() == pytest.approx(square, abs=3e-3)
    assert (s < 0.25).double().mean().item() == pytest.approx(quarter, abs=3e-3)


def test_a_share_is_pure_noise_itself():
    s = draw_times(COUNT, 4.0, 0.2, torch.Generator().manual_seed(0))
    assert (s == 1).double().mean().item() == pytest.approx(0.2, abs=3e-3)
    assert s.min() >= 0


def test_own_steps_are_drawn_alike_and_never_the_end():
    s = draw_own_steps(COUNT, torch.tensor([1.0, 0.5, 0.25, 0.0]), torch.Generator().manual_seed(0))
    assert {round(share, 2): round(float((s == share).double().mean()), 2) for share in (1.0, 0.5, 0.25)} == {
        1.0: 0.33, 0.5: 0.33, 0.25: 0.33,
    }  # fmt: skip
    assert not (s == 0).any()
