"""Optimisers that step one weight at a time; those held in bf16 are changed in fp32 and rounded at random."""

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
        self._held = [_holder(parameter) for _name, parameter in named]
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
        held.data, held.grad = parameter.float(), parameter.grad.float()
        optimizer.step()
        seed = step_seed(step_seed(self._seed, step, ROUNDING), number, ROUNDING)
        parameter.copy_(rounded_at_random(held.data, torch.Generator(held.device).manual_seed(seed)))
        held.data, held.grad = empty, None

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


def _holder(parameter: nn.Parameter) -> nn.Parameter:
    """Return the parameter, or for one in bf16 an empty one in fp32 that its values are lent to for a step."""
    if parameter.dtype != torch.bfloat16:
        return parameter
    return nn.Parameter(torch.empty((0,) * parameter.ndim, dtype=torch.float32, device=parameter.device))
