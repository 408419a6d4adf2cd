"""Gradients that wait for their step in half the room, of a large network that computes in bf16 on a processor.

Under autocast nearly every weight's gradient is computed in bf16 and only then cast to the fp32 of its weight: half its
bits are zeros. They are left out while all gradients are gathered for their common norm, and are back for the step.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.training.hooking import hooked
from sketchdesk.engine.training.optimisers import make_optimizer
from sketchdesk.library.training.forecast import LARGE_BYTES

TOGETHER_BYTES = 2**28
"""Gradients that are whole again at once for the optimiser."""
_LOW = 0 if sys.byteorder == "little" else 1


def pays(job: TrainJob, named: Sequence[tuple[str, nn.Parameter]], placement: Placement) -> bool:
    """Tell whether a job's gradients should wait so: those of one micro-batch, of fp32 weights of a large network."""
    is_half = placement.device.type == "cpu" and placement.dtype == torch.bfloat16
    if not is_half or job.gradient_accumulation_steps > 1 or job.bf16_weights or job.lora_rank:
        return False
    return sum(parameter.nbytes for _name, parameter in named) >= LARGE_BYTES


class HalvedStep:
    """Gathers, clips and steps as GatheredStep does, bit by bit, for one micro-batch a step in one process."""

    searches = False

    def __init__(self, job: TrainJob, named: Sequence[tuple[str, nn.Parameter]]) -> None:
        self._limit = job.max_grad_norm or math.inf
        self._parameters = [parameter for _name, parameter in named]
        self._optimizer = make_optimizer(job, named)
        self._waiting: dict[nn.Parameter, Tensor] = {}
        self._norms: dict[nn.Parameter, Tensor] = {}

    def set_learning_rate(self, rate: float) -> None:
        """See Stepper."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate

    def backward(self, loss: Tensor, step: int) -> None:
        """See Stepper."""
        with hooked(self._parameters, self._take):
            loss.backward()

    def finish(self, step: int, is_sound: bool) -> float | None:
        """See Stepper."""
        norms = [self._norms[parameter] for parameter in self._parameters if parameter in self._norms]
        total = torch.linalg.vector_norm(torch.stack(norms))
        norm = float(total) if is_sound else math.inf
        if math.isfinite(norm):
            self._apply(total, norm + 1e-6 > self._limit)
        self._waiting.clear()
        self._norms.clear()
        return norm if math.isfinite(norm) else None

    def state_dict(self) -> dict[str, Any]:
        """See Stepper; a GatheredStep can go on from it."""
        return {"optimizer": self._optimizer.state_dict(), "scaler": {}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See Stepper; of a GatheredStep too."""
        self._optimizer.load_state_dict(state["optimizer"])

    def _take(self, parameter: nn.Parameter) -> None:
        """Put a gradient that has just been computed away, and note its norm while it is at hand."""
        assert parameter.grad is not None
        assert parameter not in self._waiting, "one backward pass a step"
        self._norms[parameter] = torch.linalg.vector_norm(parameter.grad)
        self._waiting[parameter] = halved(parameter.grad)
        parameter.grad = None

    def _apply(self, total: Tensor, clips: bool) -> None:
        for part in self._parts():
            for parameter in part:
                parameter.grad = self._waiting.pop(parameter).float()
            if clips:
                nn.utils.clip_grads_with_norm_(part, self._limit, total)
            self._optimizer.step()
            for parameter in part:
                parameter.grad = None

    def _parts(self) -> Iterator[list[nn.Parameter]]:
        """Yield the parameters that have gradients, as many at once as may be whole together."""
        part: list[nn.Parameter] = []
        size = 0
        for parameter in [each for each in self._parameters if each in self._waiting]:
            if part and size + parameter.nbytes > TOGETHER_BYTES:
                yield part
                part, size = [], 0
            part.append(parameter)
            size += parameter.nbytes
        if part:
            yield part


def halved(gradient: Tensor) -> Tensor:
    """Return an fp32 gradient in bf16 if that is exact, else as it is."""
    if not gradient.is_contiguous():
        return gradient
    if torch.count_nonzero(gradient.view(torch.int16).view(-1)[_LOW::2]):  # in half the time that any() takes
        return gradient
    return gradient.bfloat16()
