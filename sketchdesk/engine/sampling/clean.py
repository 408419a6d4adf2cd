"""What a picture will look like, told from any step of its denoising: the clean latents the network has in mind."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from sketchdesk.engine.sampling.perflow import PeRFlowScheduler


def predicted_clean(scheduler: Any, model_input: Tensor, prediction: Tensor, timestep: Tensor) -> Tensor:
    """Return x̂0 [B, C, h, w] of what the U-Net was given, [B, C, h, w], and what it said.

    With x_t = α x0 + σ ε: x̂0 = (x_t − σ ε) / α, or α x_t − σ v for v-prediction (Salimans & Ho, 2202.00512). Sigma
    schedulers scale their input to that very x_t. On a rectified flow, x_t = (1 − s) X0 + s X1 with s = 1 − t / 1000:
    X̂1 = x_t + (1 − s) v. PeRFlow's path has its own way.
    """
    if isinstance(scheduler, PeRFlowScheduler):
        return scheduler.clean(model_input, prediction, timestep)
    alphas_cumprod = getattr(scheduler, "alphas_cumprod", None)
    if alphas_cumprod is None:
        return model_input + timestep / scheduler.config.num_train_timesteps * prediction
    alpha_squared = alphas_cumprod[timestep.cpu().round().long()].to(model_input)
    alpha, sigma = alpha_squared.sqrt(), (1 - alpha_squared).sqrt()
    if scheduler.config.prediction_type == "v_prediction":
        return alpha * model_input - sigma * prediction
    return (model_input - sigma * prediction) / alpha
