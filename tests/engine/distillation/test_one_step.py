"""Distillation's optimum is the teacher's map itself."""

from __future__ import annotations

import torch

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.distillation.one_step import OneStep


def test_the_known_map_of_the_mixture(closed):
    z = torch.tensor([-1.5, 0.3, 1.5], dtype=torch.float64)
    expected = torch.tensor([-2.65399, -1.40563, 2.38157], dtype=torch.float64)
    assert torch.allclose(closed.mixture.one_step(z), expected, atol=1e-5)


def test_a_trained_student_is_the_mixtures_map(closed, train):
    network = closed.Small()
    student = closed.Toy(network)
    job = DistillJob(model="", out_dir="", feature_weight=0.0)
    train(network, OneStep(job, student, closed.Pairs(closed.mixture.one_step, (1, 1, 1), 256)), 800)
    held = closed.Pairs(closed.mixture.one_step, (1, 1, 1), 4096, seed=1).at(0)
    with torch.no_grad():
        said = student.clean(held.noise, torch.ones(4096), held.captions)
    assert (said - held.latents).square().mean() / held.latents.var() < 0.02


def test_for_several_steps_it_is_asked_at_each_of_them_and_nowhere_else(closed):
    asked = set()

    def predict(x, timesteps, states):
        asked.update(timesteps.tolist())
        return x

    job = DistillJob(model="", out_dir="", feature_weight=0.0, student_steps=4)
    phase = OneStep(job, closed.Toy(predict), closed.Pairs(closed.mixture.one_step, (1, 1, 1), 64))
    for number in range(4):
        phase.loss(number)
    assert asked == {1000.0, 750.0, 500.0, 250.0}
