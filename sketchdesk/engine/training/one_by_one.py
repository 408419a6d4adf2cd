"""Optimisers that step one weight at a time: held in bf16 it is changed in fp32 and rounded at random, on a graphics
card it may be changed in main memory, where its optimiser's state then lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.training.optimisers import make_optimizer
from sketchdesk.library.dataset.chance import ROUNDING, step_seed

_DROPPED_BITS = 16
"""fp32 has so many bits of fraction more than bf16."""


class OneByOne:
    """One optimiser a parameter, with the interface of one optimiser for all of them."""

    def __init__(self, job: TrainJob, named: Sequence[tuple[str, nn.Parameter]]) -> None:
        self._seed = job.seed
        self._numbers = {parameter: number for number, (_name, parameter) in enumerate(named)}
        elsewhere = torch.device("cpu") if job.optimizer_device == "cpu" else None
        self._held = [_holder(parameter, elsewhere) for _name, parameter in named]
        self._own = [
            make_optimizer(job, [(name, held)]) for (name, _parameter), held in zip(named, self._held, strict=True)
        ]

    @property
    def param_groups(self) -> list[dict[str, Any]]:
        """Every optimiser's groups."""
        return [group for optimizer in self._own for group in optimizer.param_groups]

    @torch.no_grad()
    def step(self, parameter: Tensor, step: int) -> None:
        """Apply one parameter's gradient, at the 0-based step `step`."""
        number = self._numbers[parameter]  # type: ignore[index]
        held, optimizer = self._held[number], self._own[number]
        if held is parameter:
            optimizer.step()
            return
        assert parameter.grad is not None
        empty = held.data
        held.data = parameter.detach().to(held.device, torch.float32, copy=True)
        held.grad = parameter.grad.to(held.device, torch.float32)
        optimizer.step()
        changed = self._rounded(held.data, step, number) if parameter.dtype == torch.bfloat16 else held.data
        parameter.copy_(changed)
        held.data, held.grad = empty, None

    def _rounded(self, values: Tensor, step: int, number: int) -> Tensor:
        seed = step_seed(step_seed(self._seed, step, ROUNDING), number, ROUNDING)
        return rounded_at_random(values, torch.Generator(values.device).manual_seed(seed))

    def state_dict(self) -> dict[str, Any]:
        """Return every optimiser's state."""
        return {"own": [optimizer.state_dict() for optimizer in self._own]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restore states saved by state_dict. Raises ValueError where they belong to other parameters."""
        for optimizer, saved in zip(self._own, state["own"], strict=True):
            optimizer.load_state_dict(saved)


def rounded_at_random(values: Tensor, generator: torch.Generator) -> Tensor:
    """Return fp32 values in bf16, each rounded up or down by chance, in proportion: right on average.

    Numbers of the dropped bits' size are added before the bits are cut off. What is no number stays none.
    """
    bits = values.contiguous().view(torch.int32)
    chance = torch.randint(1 << _DROPPED_BITS, bits.shape, generator=generator, device=bits.device, dtype=torch.int32)
    cut = (bits + chance) & -(1 << _DROPPED_BITS)
    return torch.where(torch.isfinite(values), cut.view(torch.float32), values).bfloat16()


def _holder(parameter: nn.Parameter, elsewhere: torch.device | None) -> nn.Parameter:
    """Return the parameter, or an empty one in fp32 that its values are lent to for a step."""
    if parameter.dtype != torch.bfloat16 and elsewhere is None:
        return parameter
    empty = torch.empty((0,) * parameter.ndim, dtype=torch.float32, device=elsewhere or parameter.device)
    return nn.Parameter(empty)
