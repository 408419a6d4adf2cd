"""Noise, targets, weights and clean latents of every kind of process against their closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from diffusers import DDPMScheduler

from sketchdesk.engine.sampling.perflow import PeRFlowScheduler
from sketchdesk.engine.training.objectives import weighted_huber, weighted_mse
from sketchdesk.engine.training.process import Diffusion, Piecewise, RectifiedFlow

SCHEDULER = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
ALPHAS = SCHEDULER.alphas_cumprod
LATENTS = torch.randn(4, 4, 8, 8, generator=torch.Generator().manual_seed(0))
NOISE = torch.randn(4, 4, 8, 8, generator=torch.Generator().manual_seed(1))
T = torch.tensor([0, 20, 500, 999])


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_the_right_answer_gives_back_the_clean_latents(kind):
    process = Diffusion(DDPMScheduler.from_config(SCHEDULER.config, prediction_type=kind))
    noisy = process.noisy(LATENTS, NOISE, T)
    clean = process.clean(noisy, process.target(LATENTS, NOISE, T), T)
    assert torch.allclose(clean, LATENTS, atol=2e-4)  # at t = 999 α is 0.07


def test_a_rectified_flow_is_a_straight_path_whose_velocity_leads_to_the_picture():
    process, timesteps = RectifiedFlow(), torch.tensor([1000.0, 750.0, 250.0, 0.0])
    noisy = process.noisy(LATENTS, NOISE, timesteps)
    s = torch.tensor([0.0, 0.25, 0.75, 1.0]).view(-1, 1, 1, 1)
    assert torch.allclose(noisy, (1 - s) * NOISE + s * LATENTS)
    velocity = process.target(LATENTS, NOISE, timesteps)
    assert torch.equal(velocity, LATENTS - NOISE)
    assert torch.allclose(process.clean(noisy, velocity, timesteps), LATENTS, atol=1e-6)
    assert torch.allclose(noisy + (1 - s) * velocity, LATENTS, atol=1e-6)


@pytest.mark.parametrize("kind", ["ddim_eps", "diff_eps", "velocity"])
def test_a_perflow_is_asked_on_its_lines_and_its_right_answer_leads_to_the_picture(kind):
    process, timesteps = Piecewise(PeRFlowScheduler(prediction_type=kind)), torch.tensor([1000, 900, 250, 3])
    noisy, answer = process.noisy(LATENTS, NOISE, timesteps), process.target(LATENTS, NOISE, timesteps)
    a, b = ALPHAS[[999, 999, 249, 249]], ALPHAS[[749, 749, 0, 0]]
    ends = [bar.sqrt().view(-1, 1, 1, 1) * LATENTS + (1 - bar).sqrt().view(-1, 1, 1, 1) * NOISE for bar in (a, b)]
    left = torch.tensor([1.0, 0.6, 1.0, 3 / 250])
    assert torch.allclose(noisy, left.view(-1, 1, 1, 1) * (ends[0] - ends[1]) + ends[1], atol=1e-5)
    if kind == "ddim_eps":
        assert torch.allclose(answer, NOISE, atol=1e-4)
    if kind == "velocity":
        assert torch.allclose(answer, (ends[1] - ends[0]) / -0.25, atol=1e-4)
    assert torch.allclose(process.clean(noisy, answer, timesteps), LATENTS, atol=1e-3)
    off = process.clean(noisy, answer + 1, timesteps) - LATENTS  # what an error of one does to the picture
    alpha, sigma = (torch.lerp(low, high, left) for low, high in (
        (b.sqrt(), a.sqrt()), ((1 - b).sqrt(), (1 - a).sqrt())
    ))  # fmt: skip
    expected = (alpha / sigma).square().clamp(max=5) * off.mean(dim=(1, 2, 3)).square()
    assert torch.allclose(process.weights("uniform", 5.0, timesteps), expected, rtol=1e-2)
    assert process.weights("uniform", None, timesteps).tolist() == [1.0] * 4
    assert torch.allclose(process.huber("snr", 0.1, timesteps), 0.9 / (1 + sigma / alpha).square() + 0.1)
    assert process.level(0.0) == 1


def test_all_draw_timesteps_evenly_over_the_whole_schedule_and_name_levels_alike():
    flow = RectifiedFlow()
    for process in (flow, Diffusion(SCHEDULER), Piecewise(PeRFlowScheduler())):
        drawn = process.draw(20_000, torch.Generator().manual_seed(0)).double()
        assert drawn.mean().item() == pytest.approx(500, rel=0.02)
        assert 0 <= drawn.min() < 2
        assert 997 < drawn.max() <= 1000
        assert process.level(0.25) == 250
    assert (flow.draw(20_000, torch.Generator().manual_seed(0)) > 0).all()


def test_a_flows_min_snr_weight_is_that_of_the_picture_it_implies():
    """An error e in the velocity is (1 − s) e in x̂1; min-SNR-γ weighs errors of x̂1 by min(SNR, γ)."""
    process, timesteps = RectifiedFlow(), torch.tensor([1000.0, 900.0, 400.0, 1e-3])
    s = (1 - timesteps.double() / 1000).clamp(min=1e-12)
    expected = torch.minimum((s / (1 - s).clamp(min=1e-12)).square(), torch.tensor(5.0)) * (1 - s).square()
    weights = process.weights("uniform", 5.0, timesteps)
    assert torch.allclose(weights.double(), expected, atol=1e-5)
    assert process.weights("uniform", None, timesteps).tolist() == [1.0] * 4
    assert process.weights("uniform", 5.0, torch.tensor([0.0])).isfinite().all()


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
def test_with_zero_terminal_snr_every_weight_and_width_is_a_number(kind):
    from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr

    betas = rescale_zero_terminal_snr(SCHEDULER.betas)
    scheduler = DDPMScheduler(trained_betas=betas.tolist(), prediction_type=kind)
    assert scheduler.alphas_cumprod[-1] == 0
    process, last = Diffusion(scheduler), torch.tensor([999])
    for weighting in ("uniform", "velocity"):
        assert process.weights(weighting, 5.0, last).isfinite().all()
    assert process.huber("snr", 0.1, last).isfinite().all()


def test_the_huber_loss_is_the_square_for_small_errors_and_straight_for_large_ones():
    c = torch.tensor([0.1])
    small, large = torch.full((1, 4, 8, 8), 1e-3), torch.full((1, 4, 8, 8), 50.0)
    zero, one = torch.zeros(1, 4, 8, 8), torch.ones(1)
    assert weighted_huber(small, zero, one, c).item() == pytest.approx(weighted_mse(small, zero, one).item(), rel=1e-2)
    assert weighted_huber(large, zero, one, c).item() == pytest.approx(2 * 0.1 * (50 - 0.1), rel=1e-3)
    wanted = 2 * 0.1 * (math.sqrt(0.3**2 + 0.1**2) - 0.1) * 2
    said = torch.full((1, 4, 8, 8), 0.3)
    assert weighted_huber(said, zero, 2 * one, c).item() == pytest.approx(wanted, rel=1e-5)


def test_the_huber_loss_width_follows_its_schedule():
    process = Diffusion(SCHEDULER)
    sigma = ((1 - ALPHAS[T]) / ALPHAS[T]).sqrt()
    assert torch.allclose(process.huber("snr", 0.1, T), 0.9 / (1 + sigma).square() + 0.1)
    assert torch.allclose(process.huber("exponential", 0.1, T), 0.1 ** (T / 1000))
    assert process.huber("constant", 0.1, T).tolist() == pytest.approx([0.1] * 4)
    flow = RectifiedFlow()
    assert flow.huber("snr", 0.1, torch.tensor([0.0, 500.0])).tolist() == pytest.approx([1.0, 0.9 / 4 + 0.1])
