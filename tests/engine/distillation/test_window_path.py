"""A PeRFlow seen as a velocity field of straight paths: its times, its answers and its steps, in closed form."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.networks import path_of, view_of
from sketchdesk.engine.distillation.window_path import WindowPath
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.sampling.perflow import PeRFlowScheduler

CONFIG = {"_class_name": "PeRFlowScheduler", "num_time_windows": 4}
BARS = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)


def test_times_and_noise_shares_lead_to_each_other():
    path = path_of(CONFIG)
    assert isinstance(path, WindowPath)
    tau = torch.tensor([1000.0, 999.5, 875.0, 750.0, 749.9, 300.0, 250.0, 1.0, 0.0], dtype=torch.float64)
    torch.testing.assert_close(path.tau(path.noise_share(tau)), tau, atol=1e-9, rtol=1e-12)
    alpha, sigma = path.scales(torch.tensor([500.0, 625.0, 750.0]))
    torch.testing.assert_close(alpha.square(), torch.stack([BARS[499], alpha[1] ** 2, BARS[749]]), atol=1e-6, rtol=0)
    torch.testing.assert_close(alpha[1], (alpha[0] + alpha[2]) / 2)
    torch.testing.assert_close(sigma[1], (sigma[0] + sigma[2]) / 2)


@pytest.mark.parametrize("prediction", ["ddim_eps", "diff_eps", "velocity"])
def test_a_right_u_net_shows_both_ends_of_the_path_whatever_it_says(tiny_sd, prediction):
    model = load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
    model.scheduler_config = {**CONFIG, "prediction_type": prediction}
    torch.manual_seed(0)
    clean, noise = torch.randn(2, 3, 4, 8, 8, dtype=torch.float64)

    def right(x, timesteps, states):
        said = []
        for number, t in enumerate(timesteps.double()):
            b = float(torch.ceil(t / 250) - 1) * 250
            bar_a, bar_b = BARS[int(b) + 249], BARS[max(int(b) - 1, 0)]
            ends = [bar.sqrt() * clean[number] + (1 - bar).sqrt() * noise[number] for bar in (bar_a, bar_b)]
            ratio = (bar_b / bar_a).sqrt()
            difference = ends[1] - ratio * ends[0]
            said.append({
                "velocity": (ends[0] - ends[1]) / 0.25,
                "ddim_eps": difference / ((1 - bar_b).sqrt() - ratio * (1 - bar_a).sqrt()),
                "diff_eps": -difference / (ratio**2 - 1).sqrt(),
            }[prediction])  # fmt: skip
        return torch.stack(said)

    view = view_of(model, Placement(torch.device("cpu"), torch.float32, 1), right)
    s = torch.tensor([0.9, 0.5, 0.1], dtype=torch.float64)
    x = (1 - s).view(-1, 1, 1, 1) * clean + s.view(-1, 1, 1, 1) * noise
    ends = view.ends(x, s, torch.zeros(3))
    torch.testing.assert_close(ends.clean, clean, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(ends.noise, noise, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(view.velocity(x, s, torch.zeros(3)), noise - clean, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("steps", [4, 6])
def test_its_own_steps_are_those_of_the_sampler(tiny_sd, steps):
    """Also where the U-Net is not right at all: the sampler's last point is then made of the last two ends."""
    model = load_stable_diffusion(tiny_sd, torch.device("cpu"), torch.float32)
    model.scheduler_config = {**CONFIG, "prediction_type": "diff_eps"}
    told = []

    def some(x, timesteps, states):
        told.append(float(timesteps[0]))
        return torch.sin(3 * x) + timesteps.view(-1, 1, 1, 1) / 1000

    view = view_of(model, Placement(torch.device("cpu"), torch.float32, 1), some)
    torch.manual_seed(0)
    noise = torch.randn(1, 4, 8, 8, dtype=torch.float64)
    x = noise
    for now, then in pairwise(view.own_steps(steps).double()):
        ends = view.ends(x, now.expand(1), torch.zeros(1))
        x = ends.at(then.expand(1))
    sampler = PeRFlowScheduler.of(model.scheduler_config)
    sampler.set_timesteps(steps)
    assert told == pytest.approx(sampler.timesteps.tolist(), abs=1e-2)
    y = noise
    for t in sampler.timesteps:
        y = sampler.step(some(y, t.view(1), None), t, y, return_dict=False)[0]
    first = BARS[0]
    torch.testing.assert_close(first.sqrt() * ends.clean + (1 - first).sqrt() * ends.noise, y, atol=1e-3, rtol=1e-3)
