"""s and τ name the same moments of two paths."""

from __future__ import annotations

import pytest
import torch
from diffusers import DDPMScheduler

from sketchdesk.engine.distillation.time_map import VPPath, length_of


def test_there_and_back_is_the_same_time(closed):
    tau = torch.linspace(0, 999, 777, dtype=torch.float64)
    assert torch.allclose(closed.path.tau(closed.path.noise_share(tau)), tau, atol=1e-6, rtol=0)


@pytest.mark.parametrize(("s", "tau"), [(0.5, 354), (0.75, 674), (0.9, 915)])
def test_stable_diffusions_schedule(closed, s, tau):
    assert closed.path.tau(torch.tensor(s)).item() == pytest.approx(tau, abs=1)


def test_it_ends_before_pure_noise_and_is_held_there(closed):
    assert closed.path.most_noise == pytest.approx(0.936, abs=1e-3)
    assert closed.path.tau(torch.tensor([0.97, 1.0])).tolist() == [999.0, 999.0]
    assert closed.path.tau(torch.tensor([0.0])).item() == 0.0


def test_whole_times_have_the_schedules_own_scales(closed):
    bar = DDPMScheduler.from_config(closed.schedule).alphas_cumprod.double()
    alpha, sigma = closed.path.scales(torch.arange(1000))
    assert torch.allclose(alpha.square(), bar, atol=1e-12)
    assert torch.allclose(alpha.square() + sigma.square(), torch.ones(1000, dtype=torch.float64))


def test_a_point_of_one_path_scaled_is_one_of_the_other(closed):
    s = torch.linspace(0.03, 0.93, 50, dtype=torch.float64)
    alpha, sigma = closed.path.scales(closed.path.tau(s))
    assert torch.allclose((1 - s) / length_of(s), alpha, atol=1e-9)
    assert torch.allclose(s / length_of(s), sigma, atol=1e-9)


def test_log_snr_is_interpolated_between_whole_times():
    path = VPPath(torch.tensor([0.9, 0.5, 0.1]))
    alpha, sigma = path.scales(torch.tensor(0.5))
    assert (2 * torch.log(alpha / sigma)).item() == pytest.approx(torch.log(torch.tensor(9.0)).item() / 2, rel=1e-6)
