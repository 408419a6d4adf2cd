"""Targets and weights against their formulas."""

from __future__ import annotations

import math

import pytest
import torch
from diffusers import DDPMScheduler
from diffusers.training_utils import compute_snr

from sketchdesk.engine.training.ema import Ema
from sketchdesk.engine.training.muon import Muon, orthogonalise
from sketchdesk.engine.training.objectives import loss_weights, signal_to_noise, target, weighted_mse
from sketchdesk.library.training.averaging import ema_decay_at

SCHEDULER = DDPMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear")
T = torch.tensor([0, 10, 300, 700, 999])


def test_signal_to_noise_equals_diffusers():
    assert torch.allclose(signal_to_noise(SCHEDULER.alphas_cumprod, T), compute_snr(SCHEDULER, T), rtol=1e-5)


def test_epsilon_asks_for_the_noise_and_v_for_the_velocity():
    latents, noise = torch.randn(5, 4, 8, 8), torch.randn(5, 4, 8, 8)
    assert torch.equal(target(SCHEDULER, "epsilon", latents, noise, T), noise)
    alpha = SCHEDULER.alphas_cumprod[T].reshape(-1, 1, 1, 1)
    velocity = alpha.sqrt() * noise - (1 - alpha).sqrt() * latents
    assert torch.allclose(target(SCHEDULER, "v_prediction", latents, noise, T), velocity, atol=1e-6)


def test_an_unknown_prediction_type_is_refused():
    with pytest.raises(ValueError, match="sample"):
        target(SCHEDULER, "sample", torch.zeros(1, 1, 1, 1), torch.zeros(1, 1, 1, 1), T[:1])


@pytest.mark.parametrize(("kind", "divisor"), [("epsilon", 0), ("v_prediction", 1)])
def test_min_snr_weights_follow_the_paper(kind, divisor):
    snr = signal_to_noise(SCHEDULER.alphas_cumprod, T)
    expected = torch.minimum(snr, torch.tensor(5.0)) / (snr + divisor)
    assert torch.allclose(loss_weights("uniform", 5.0, kind, SCHEDULER.alphas_cumprod, T), expected)


def test_min_snr_is_finite_at_zero_terminal_snr():
    alphas = SCHEDULER.alphas_cumprod.clone()
    alphas[-1] = 0
    weights = loss_weights("uniform", 5.0, "epsilon", alphas, T)
    assert weights[-2:].tolist() == [1.0, 1.0]  # min(SNR, γ) / SNR is 1 wherever the SNR is below γ, and at 0
    assert loss_weights("uniform", 5.0, "v_prediction", alphas, T)[-1] == 0.0


def test_velocity_weighting_turns_the_noise_error_into_the_velocity_error():
    """With x_t given, an error e in ε is an error e / √ᾱ in v."""
    timesteps = torch.tensor([200])
    alpha = SCHEDULER.alphas_cumprod[timesteps]
    weight = loss_weights("velocity", None, "epsilon", SCHEDULER.alphas_cumprod, timesteps)
    latents, noise, wrong = torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8), torch.randn(1, 4, 8, 8)
    noisy = SCHEDULER.add_noise(latents, noise, timesteps)
    guessed_latents = (noisy - (1 - alpha).sqrt() * wrong) / alpha.sqrt()
    v_true = SCHEDULER.get_velocity(latents, noise, timesteps)
    v_guess = SCHEDULER.get_velocity(guessed_latents, wrong, timesteps)
    velocity_error = (v_guess - v_true).square().mean().item()
    assert weighted_mse(wrong, noise, weight).item() == pytest.approx(velocity_error, rel=1e-4)


def test_ema_warms_up_as_diffusers_does():
    from diffusers.training_utils import EMAModel

    reference = EMAModel([torch.nn.Parameter(torch.zeros(1))], decay=0.999)
    assert [ema_decay_at(n, 0.999) for n in range(1, 3000, 7)] == pytest.approx(
        [reference.get_decay(n) for n in range(1, 3000, 7)]
    )


def test_ema_follows_its_recurrence_and_can_be_lent():
    weight = torch.nn.Parameter(torch.zeros(1))
    ema = Ema([weight], 0.9)
    expected = 0.0
    for step in range(1, 6):
        weight.data.fill_(float(step))
        ema.update(step)
        decay = ema_decay_at(step, 0.9)
        expected = decay * expected + (1 - decay) * step
    with ema.swapped_in():
        assert weight.item() == pytest.approx(expected)
    assert weight.item() == 5.0


def test_orthogonalise_brings_singular_values_near_one():
    matrix = torch.randn(12, 40, generator=torch.Generator().manual_seed(0))
    singular = torch.linalg.svdvals(orthogonalise(matrix).float())
    assert singular.min() > 0.5
    assert singular.max() < 1.5


def test_muon_solves_a_least_squares_problem():
    torch.manual_seed(0)
    layer = torch.nn.Linear(6, 4)
    wanted, inputs = torch.randn(4, 6), torch.randn(64, 6)
    optimizer = Muon(layer.named_parameters(), lr=0.05)
    for step in range(200):
        for group in optimizer.param_groups:
            group["lr"] = 0.05 * 0.5 * (1 + math.cos(math.pi * step / 200))
        loss = (layer(inputs) - inputs @ wanted.T).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 1e-2
