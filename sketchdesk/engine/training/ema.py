"""Exponential moving average of weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


def ema_decay_at(step: int, decay: float) -> float:
    """Return the decay used at optimiser step `step` (1-based): min(decay, (1 + s) / (10 + s)) with s = step − 1.

    The warm-up diffusers' EMAModel uses by default: early on the average forgets the start weights quickly.
    """
    past = max(0, step - 1)
    return 0.0 if past == 0 else min(decay, (1 + past) / (10 + past))


class Ema:
    """A running average of parameters, kept in fp32 beside them."""

    def __init__(self, parameters: Iterable[nn.Parameter], decay: float) -> None:
        self.decay = decay
        self.parameters = list(parameters)
        self.average = [p.detach().float().clone() for p in self.parameters]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Fold the parameters' present values in; `step` counts optimiser steps from 1."""
        weight = 1.0 - ema_decay_at(step, self.decay)
        for average, parameter in zip(self.average, self.parameters, strict=True):
            average.lerp_(parameter.detach().float(), weight)

    @torch.no_grad()
    def copy_to_parameters(self) -> None:
        """Overwrite the parameters with their averages."""
        for average, parameter in zip(self.average, self.parameters, strict=True):
            parameter.copy_(average)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Run a block with the averages in place of the parameters, then put the parameters back."""
        live = [p.detach().clone() for p in self.parameters]
        self.copy_to_parameters()
        try:
            yield
        finally:
            with torch.no_grad():
                for parameter, value in zip(self.parameters, live, strict=True):
                    parameter.copy_(value)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the averages by position."""
        return {str(index): average for index, average in enumerate(self.average)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore averages saved by state_dict. Raises KeyError or RuntimeError if they do not fit."""
        for index, average in enumerate(self.average):
            average.copy_(state[str(index)])
