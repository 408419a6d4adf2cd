"""Optimisers and learning-rate schedules by the names diffusers' training script uses."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import nn
from transformers.optimization import Adafactor

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.training.muon import Muon


def make_optimizer(job: TrainJob, named_parameters: Iterable[tuple[str, nn.Parameter]]) -> torch.optim.Optimizer:
    """Return the job's optimiser.

    AdamW; AdamW and Lion (Chen et al., 2302.06675) of bitsandbytes with state of 8 bits (Dettmers et al., 2110.02861;
    on CPUs too); Muon; Adafactor (Shazeer & Stern, 1804.04235), which keeps rows' and columns' means, with a learning
    rate that counts as the others' does.
    """
    betas = (job.adam_beta1, job.adam_beta2)
    if job.optimizer == "muon":
        return Muon(named_parameters, job.learning_rate, betas=betas, weight_decay=job.adam_weight_decay)
    parameters = [parameter for _, parameter in named_parameters]
    settings: dict[str, Any] = {"lr": job.learning_rate, "weight_decay": job.adam_weight_decay}
    if job.optimizer == "adafactor":
        return Adafactor(parameters, **settings, scale_parameter=False, relative_step=False, warmup_init=False)
    optimizer: torch.optim.Optimizer
    if job.optimizer in ("adamw_8bit", "lion", "lion_8bit"):
        import bitsandbytes

        from sketchdesk.engine.training.eight_bit import AdamW8bit, Lion8bit

        if job.optimizer == "adamw_8bit":
            optimizer = AdamW8bit(parameters, betas=betas, eps=job.adam_epsilon, **settings)
        else:
            kind = bitsandbytes.optim.Lion if job.optimizer == "lion" else Lion8bit
            optimizer = kind(parameters, betas=betas, **settings)
        return optimizer
    return torch.optim.AdamW(parameters, betas=betas, eps=job.adam_epsilon, fused=_fuses(parameters), **settings)


def _fuses(parameters: list[nn.Parameter]) -> bool:
    """Tell whether torch has AdamW in one pass for them, which is several times sooner and needs no room besides."""
    return all(parameter.device.type in ("cpu", "cuda") for parameter in parameters)


def learning_rate_at(job: TrainJob, step: int) -> float:
    """Return the learning rate of 0-based optimiser step `step`.

    "constant" ignores the warm-up, as in diffusers; "linear" and "cosine" fall to zero at max_train_steps.
    """
    if job.lr_scheduler == "constant":
        return job.learning_rate
    warmup = job.lr_warmup_steps
    if step < warmup:
        return job.learning_rate * (step + 1) / warmup
    if job.lr_scheduler == "constant_with_warmup":
        return job.learning_rate
    done = (step - warmup) / max(1, job.max_train_steps - warmup)
    if job.lr_scheduler == "linear":
        return job.learning_rate * max(0.0, 1 - done)
    return job.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
