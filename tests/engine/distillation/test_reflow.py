"""Reflow's optima are the known ones, and straight pairs are drawn in one step."""

from __future__ import annotations

import math

import pytest
import torch

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation.reflow import Reflow
from sketchdesk.engine.distillation.student import drawn_in_steps

WIDE = 1e3
"""A Huber width at which every error counts by its square."""


def floor_of(closed, draw, velocity) -> float:
    """The mean square that is left, from a Huber loss so wide that it is one."""
    batches = closed.Pairs(draw, (3, 1, 1), 60_000)
    student = closed.Toy(lambda x, timesteps, states: -velocity(x, timesteps / 1000))
    loss = Reflow(DistillJob(model="", out_dir="", time_shape=0.0, endpoint_share=0.0, huber_c=WIDE), student, batches)
    width = WIDE / 3**0.5
    return float(loss.loss(0).double()) * 2 * width * 3


def test_the_loss_on_independent_pairs_has_the_known_floor(closed):
    """(π / 2) Σ √λ, on average over the times."""
    gaussian = closed.gaussian

    def independent(noise):
        other = torch.randn(noise.shape, generator=torch.Generator().manual_seed(9), dtype=torch.float64)
        return gaussian.one_step(other)

    expected = math.pi / 2 * float(gaussian.deviations.sum())
    assert floor_of(closed, independent, gaussian.velocity) == pytest.approx(expected, rel=0.02)


def test_the_loss_on_the_teachers_pairs_has_none(closed):
    gaussian = closed.gaussian
    assert floor_of(closed, gaussian.one_step, gaussian.straight_velocity) < 1e-3


def test_the_first_flow_is_as_crooked_as_known_and_the_second_is_straight(closed):
    """S = ∫ E‖(x1 − x0) − v‖² ds along a flow's own paths: (2 − π / 2) Σ √λ, and 0."""
    gaussian, steps = closed.gaussian, 100
    z = torch.randn(4_000, 3, 1, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def crookedness(velocity) -> float:
        x, speeds = z, []
        for number in range(steps):
            s = torch.full((len(z),), 1 - (number + 0.5) / steps, dtype=torch.float64)
            speeds.append(velocity(x, s))
            x = x - speeds[-1] / steps
        return sum(float(((z - x) - speed).square().sum(dim=1).mean()) for speed in speeds) / steps

    expected = (2 - math.pi / 2) * float(gaussian.deviations.sum())
    assert crookedness(gaussian.velocity) == pytest.approx(expected, rel=0.02)
    assert crookedness(gaussian.straight_velocity) < 1e-3


@pytest.mark.parametrize("head", ["velocity", "v_prediction"])
def test_a_trained_student_draws_the_teachers_map_in_one_step(closed, train, head):
    """E[x0 | x_s] on pairs that do not cross is the end itself: one step gives 1 + z / 2, as many do."""
    network = closed.Small()
    student = closed.Toy(network, head, None if head == "velocity" else closed.path)

    def draw(noise):
        return 1 + noise / 2

    job = DistillJob(model="", out_dir="", time_shape=4.0, endpoint_share=0.2)
    train(network, Reflow(job, student, closed.Pairs(draw, (1, 1, 1), 256)), 400)
    held = closed.Pairs(draw, (1, 1, 1), 4096, seed=1).at(0)
    with torch.no_grad():
        for steps in (1, 4):
            drawn = drawn_in_steps(student, held.noise, held.captions, steps)
            assert (drawn - held.latents).square().mean() / held.latents.var() < 0.02, f"{steps} steps"
