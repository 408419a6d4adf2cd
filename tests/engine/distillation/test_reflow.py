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


def half(noise):
    """A teacher's map in one dimension: N(1, 1/4), whose paths do not cross."""
    return 1 + noise / 2


def off(student, closed, steps: int) -> float:
    """The mean square error of what a student draws of other noise, relative to the variance of what it should."""
    held = closed.Pairs(half, (1, 1, 1), 4096, seed=1).at(0)
    with torch.no_grad():
        drawn = drawn_in_steps(student, held.noise, held.captions, steps)
    return float((drawn - held.latents).square().mean() / held.latents.var())


@pytest.mark.parametrize("head", ["epsilon", "v_prediction", "sample"])
def test_what_knows_the_end_of_each_path_has_no_loss_whatever_it_says(closed, head):
    """The optimum in closed form: z of x_s is linear. Pure noise is the end of the schedule, as for samplers."""

    def predict(x, timesteps, states):
        alpha, sigma = (scale.view(-1, 1, 1, 1) for scale in closed.path.scales(timesteps))
        s, x = sigma / (alpha + sigma), x.double()
        within = (x * (s.square() + (1 - s).square()).sqrt() - (1 - s)) / ((1 - s) / 2 + s)
        clean = half(torch.where(timesteps.view(-1, 1, 1, 1) >= closed.path.last, x, within))
        noise = (x - alpha * clean) / sigma
        return {"epsilon": noise, "v_prediction": alpha * noise - sigma * clean, "sample": clean}[head]

    student = closed.Toy(predict, head, closed.path)
    loss = Reflow(DistillJob(model="", out_dir=""), student, closed.Pairs(half, (1, 1, 1), 256)).loss(0)
    assert loss < 1e-3
    assert off(student, closed, 1) < 1e-9
    assert all(off(student, closed, steps) < 0.01 for steps in (2, 4, 25))


@pytest.mark.parametrize("head", ["velocity", "v_prediction", "epsilon"])
def test_a_trained_student_draws_the_teachers_map_in_one_step(closed, train, head):
    """E[x0 | x_s] on pairs that do not cross is the end itself: one step gives 1 + z / 2, as many do.

    One that says ε begins as its teacher, as every real one does: near pure noise its error counts 1 / α times, and
    a network that must find ε itself there needs thousands of steps.
    """
    network, path = closed.Small(), None if head == "velocity" else closed.path
    data = type(closed.gaussian)(torch.ones(1, dtype=torch.float64), torch.full((1, 1), 0.5, dtype=torch.float64))
    teacher = closed.Exact(data, head, path)

    def changed(x, timesteps, states):
        return teacher(x.double(), timesteps, states).float() + network(x, timesteps, states)

    if head == "epsilon":
        torch.nn.init.zeros_(network.layers[-1].weight)
        torch.nn.init.zeros_(network.layers[-1].bias)
    student = closed.Toy(changed if head == "epsilon" else network, head, path)
    job = DistillJob(model="", out_dir="", time_shape=4.0, endpoint_share=0.2)
    train(network, Reflow(job, student, closed.Pairs(half, (1, 1, 1), 256)), 400)
    assert off(student, closed, 1) < 0.02
    assert off(student, closed, 4) < 0.02
