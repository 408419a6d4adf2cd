"""What the U-Net is asked for and how much each noise level counts. Latents are [B, C, h, w], timesteps [B]."""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

VELOCITY_WEIGHT_CAP = 25.0


def signal_to_noise(alphas_cumprod: Tensor, timesteps: Tensor) -> Tensor:
    """Return SNR(t) = ᾱ_t / (1 − ᾱ_t), shape [B]."""
    alpha = alphas_cumprod[timesteps]
    return alpha / (1 - alpha)


def target(scheduler: Any, prediction_type: str, latents: Tensor, noise: Tensor, timesteps: Tensor) -> Tensor:
    """Return what the U-Net should say: the noise, or v = √ᾱ ε − √(1 − ᾱ) x0 (Salimans & Ho, 2202.00512)."""
    if prediction_type == "epsilon":
        return noise
    if prediction_type == "v_prediction":
        velocity: Tensor = scheduler.get_velocity(latents, noise, timesteps)
        return velocity
    raise ValueError(f"unknown prediction_type {prediction_type!r}")


def loss_weights(
    weighting: str, snr_gamma: float | None, prediction_type: str, alphas_cumprod: Tensor, timesteps: Tensor
) -> Tensor:
    """Return a weight per example, [B].

    "uniform" leaves the loss as it is, or applies min-SNR-γ (Hang et al., 2303.09556) when `snr_gamma` is given:
    min(SNR, γ) / SNR for ε, which is 1 without any signal, and min(SNR, γ) / (SNR + 1) for v, which is 0 there.
    "velocity" makes an ε-model's loss the one a v-model would have, ‖ε − ε̂‖² / ᾱ, capped: it gives the noisiest
    levels, where a picture's contents are decided, their say.
    """
    if weighting == "velocity" and prediction_type == "epsilon":
        return (1 / alphas_cumprod[timesteps]).clamp(max=VELOCITY_WEIGHT_CAP)
    if snr_gamma is None:
        return torch.ones(len(timesteps), device=timesteps.device)
    snr = signal_to_noise(alphas_cumprod, timesteps)
    if prediction_type == "v_prediction":
        return snr.clamp(max=snr_gamma) / (snr + 1)
    return (snr_gamma / snr.clamp(min=1e-8)).clamp(max=1)


def huber_scale(schedule: str, c: float, share: Tensor, sigma: Tensor) -> Tensor:
    """Return the width of the Huber loss per example, [B]: from 1 without noise towards `c` at most noise.

    `share` is how far along the schedule each stands, 0..1, `sigma` its noise over its signal. "exponential" is
    c^share, "snr" is (1 − c) / (1 + σ)² + c (Khrapov et al., 2403.16728), "constant" is c everywhere.
    """
    if schedule == "constant":
        return torch.full_like(share, c, dtype=torch.float32)
    if schedule == "exponential":
        return torch.exp(math.log(c) * share)
    return (1 - c) / (1 + sigma).square() + c


def weighted_mse(prediction: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Return the mean over the batch of each example's mean squared error times its weight."""
    error = F.mse_loss(prediction.float(), wanted.float(), reduction="none").mean(dim=(1, 2, 3))
    return (error * weights).mean()


def weighted_huber(prediction: Tensor, wanted: Tensor, weights: Tensor, widths: Tensor) -> Tensor:
    """Return the mean over the batch of each example's mean of 2 c (√(d² + c²) − c), times its weight.

    Like d² where the error d is small against the example's width c, like 2 c |d| where it is large (Charbonnier).
    """
    difference = prediction.float() - wanted.float()
    c = widths.view(-1, 1, 1, 1)
    error = (2 * c * ((difference.square() + c.square()).sqrt() - c)).mean(dim=(1, 2, 3))
    return (error * weights).mean()
