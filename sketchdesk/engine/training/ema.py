"""Exponential moving average of weights."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch
from torch import Tensor, nn

from sketchdesk.library.training.averaging import ema_decay_at


class Ema:
    """A running average of parameters, kept in fp32: beside them, in main memory, or in a file."""

    def __init__(
        self,
        parameters: Iterable[nn.Parameter],
        decay: float,
        device: torch.device | None = None,
        file: Path | None = None,
    ) -> None:
        """Begin with the parameters as they are. With a `file` it lies there and is mapped into memory.

        Raises RuntimeError where the file cannot be made.
        """
        self.decay = decay
        self.parameters = list(parameters)
        if file is None:
            self.average = [p.detach().to(device or p.device, torch.float32, copy=True) for p in self.parameters]
        else:
            self.average = _mapped(file, self.parameters)

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Fold the parameters' present values in; `step` counts optimiser steps from 1."""
        weight = 1.0 - ema_decay_at(step, self.decay)
        for average, parameter in zip(self.average, self.parameters, strict=True):
            average.lerp_(parameter.detach().to(average.device, torch.float32), weight)

    @torch.no_grad()
    def copy_to_parameters(self) -> None:
        """Overwrite the parameters with their averages."""
        self._put(self.average)

    @contextmanager
    def swapped_in(self) -> Iterator[None]:
        """Run a block with the averages in place of the parameters, then put the parameters back.

        Averages that lie beside parameters in fp32 change places with them, which takes no memory and no time.
        """
        if all((a.device, a.dtype) == (p.device, p.dtype) for a, p in zip(self.average, self.parameters, strict=True)):
            lend, take_back = self._swap, self._swap
        else:
            live = [p.detach().to(a.device, copy=True) for p, a in zip(self.parameters, self.average, strict=True)]
            lend, take_back = self.copy_to_parameters, partial(self._put, live)
        lend()
        try:
            yield
        finally:
            take_back()

    def _swap(self) -> None:
        for number, parameter in enumerate(self.parameters):
            self.average[number], parameter.data = parameter.data, self.average[number]

    @torch.no_grad()
    def _put(self, values: list[Tensor]) -> None:
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.copy_(value)

    def state_dict(self) -> dict[str, Tensor]:
        """Return the averages by position."""
        return {str(index): average for index, average in enumerate(self.average)}

    def load_state_dict(self, state: dict[str, Tensor]) -> None:
        """Restore averages saved by state_dict. Raises KeyError or RuntimeError if they do not fit."""
        for index, average in enumerate(self.average):
            average.copy_(state[str(index)])


def _mapped(file: Path, parameters: list[nn.Parameter]) -> list[Tensor]:
    """Return fp32 copies of parameters that lie one after the other in a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    total = sum(parameter.numel() for parameter in parameters)
    everything = torch.from_file(str(file), shared=True, size=total, dtype=torch.float32)
    parts = everything.split([parameter.numel() for parameter in parameters])
    averages = [part.view(parameter.shape) for part, parameter in zip(parts, parameters, strict=True)]
    for average, parameter in zip(averages, parameters, strict=True):
        average.copy_(parameter.detach())
    return averages
