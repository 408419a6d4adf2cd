"""What the U-Net is asked for and how much each noise level counts. Latents are [B, C, h, w], timesteps [B]."""

from __future__ import annotations

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
    min(SNR, γ) / SNR for ε and min(SNR, γ) / (SNR + 1) for v, both finite at zero terminal SNR.
    "velocity" makes an ε-model's loss the one a v-model would have, ‖ε − ε̂‖² / ᾱ, capped: it gives the noisiest
    levels, where a picture's contents are decided, their say.
    """
    if weighting == "velocity" and prediction_type == "epsilon":
        return (1 / alphas_cumprod[timesteps]).clamp(max=VELOCITY_WEIGHT_CAP)
    if snr_gamma is None:
        return torch.ones(len(timesteps), device=timesteps.device)
    snr = signal_to_noise(alphas_cumprod, timesteps)
    clipped = snr.clamp(max=snr_gamma)
    return clipped / (snr + 1) if prediction_type == "v_prediction" else clipped / snr.clamp(min=1e-8)


def weighted_mse(prediction: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Return the mean over the batch of each example's mean squared error times its weight."""
    error = F.mse_loss(prediction.float(), wanted.float(), reduction="none").mean(dim=(1, 2, 3))
    return (error * weights).mean()
