"""How gradients become a step: gathered, clipped, and applied – all at once, or each weight's within the backward pass.

A step whose loss or gradients are no numbers is skipped: nothing of it reaches the weights.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.training.halved import HalvedStep, pays
from sketchdesk.engine.training.hooking import hooked
from sketchdesk.engine.training.one_by_one import OneByOne
from sketchdesk.engine.training.optimisers import make_optimizer

Named = Sequence[tuple[str, nn.Parameter]]


class Stepper(Protocol):
    """One way of turning losses into changed weights."""

    @property
    def searches(self) -> bool:
        """Whether gradients that are no numbers belong to its search for the factor fp16 needs."""

    def set_learning_rate(self, rate: float) -> None:
        """Use this learning rate from now on."""

    def backward(self, loss: Tensor, step: int) -> None:
        """Take in the loss of one micro-batch of the 0-based optimiser step `step`."""

    def finish(self, step: int, is_sound: bool) -> float | None:
        """End the step; return the gradients' norm before clipping, None where the step was skipped.

        It is where the loss is not sound, that is no number, or a gradient is not.
        """

    def state_dict(self) -> dict[str, Any]:
        """Return what a resume needs."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""


def make_stepper(job: TrainJob, named: Named, placement: Placement, processes: int) -> Stepper:
    """Return the job's way of stepping in so many processes; train_conflicts.refuse is asked before."""
    if job.fused_step:
        return StepInBackward(job, named)
    if processes == 1 and pays(job, named, placement):
        return HalvedStep(job, named)
    return GatheredStep(job, named, placement)


class GatheredStep:
    """All gradients are gathered in memory, clipped by their common norm, and applied together."""

    def __init__(self, job: TrainJob, named: Named, placement: Placement) -> None:
        self._limit = job.max_grad_norm or float("inf")
        self._parameters = [parameter for _name, parameter in named]
        self._by_one = OneByOne(job, named) if job.bf16_weights or job.optimizer_device == "cpu" else None
        self._optimizer = None if self._by_one else make_optimizer(job, named)
        # What the scaler knows the parameters by; it is asked for no step of its own.
        self._scaled = self._optimizer or torch.optim.SGD(self._parameters, lr=0.0)
        scales = placement.dtype == torch.float16 and placement.device.type != "mps"  # whose kernels it lacks
        self._scaler = torch.amp.GradScaler(placement.device.type, enabled=scales)

    @property
    def searches(self) -> bool:
        """See Stepper. With a factor of 1 there is nothing left to try."""
        return self._scaler.is_enabled() and self._scaler.get_scale() > 1

    def set_learning_rate(self, rate: float) -> None:
        """See Stepper."""
        for group in (self._by_one or self._optimizer).param_groups:  # type: ignore[union-attr]
            group["lr"] = rate

    def backward(self, loss: Tensor, step: int) -> None:
        """See Stepper."""
        self._scaler.scale(loss).backward()

    def finish(self, step: int, is_sound: bool) -> float | None:
        """See Stepper. In fp16 the scaler skips steps of its own while it looks for the right factor."""
        norm = self._apply(step) if is_sound else math.inf
        for parameter in self._parameters:
            parameter.grad = None
        return norm if math.isfinite(norm) else None

    def _apply(self, step: int) -> float:
        """Clip and apply the gradients, unless one of them is no number; return their norm."""
        self._scaler.unscale_(self._scaled)
        gradients = [parameter.grad for parameter in self._parameters if parameter.grad is not None]
        total = nn.utils.get_total_norm(gradients)
        norm = float(total)
        if math.isfinite(norm):
            if norm + 1e-6 > self._limit:  # else torch would multiply everything by 1
                nn.utils.clip_grads_with_norm_(self._parameters, self._limit, total)
            if self._optimizer:
                self._optimizer.step()
            elif self._by_one:
                for parameter in self._parameters:
                    self._by_one.step(parameter, step)
        self._scaler.update()
        return norm

    def state_dict(self) -> dict[str, Any]:
        """See Stepper."""
        held = self._by_one or self._optimizer
        assert held is not None
        return {"optimizer": held.state_dict(), "scaler": self._scaler.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See Stepper."""
        held = self._by_one or self._optimizer
        assert held is not None
        held.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])


class StepInBackward:
    """Each weight steps as soon as its gradient is there, which is then thrown away: one gradient in memory, not all.

    Clipping stays exact, by the norm of all gradients together: the backward pass runs twice over the same graph, once
    to measure the norm and once to step, which costs about two thirds more time. With max_grad_norm 0 once is enough;
    gradients that are no numbers are then found too late to be kept from the weights.
    """

    searches = False

    def __init__(self, job: TrainJob, named: Named) -> None:
        self._limit = job.max_grad_norm
        self._optimizer = OneByOne(job, named)
        self._parameters = [parameter for _name, parameter in named]
        self._norm: float | None = None

    def set_learning_rate(self, rate: float) -> None:
        """See Stepper."""
        for group in self._optimizer.param_groups:
            group["lr"] = rate

    def backward(self, loss: Tensor, step: int) -> None:
        """See Stepper."""
        self._norm = None
        if not torch.isfinite(loss):
            return
        squares = torch.zeros((), device=loss.device, dtype=torch.float64)

        def measure(parameter: nn.Parameter) -> None:
            assert parameter.grad is not None
            squares.add_(parameter.grad.float().square().sum())
            parameter.grad = None

        def apply(parameter: nn.Parameter) -> None:
            assert parameter.grad is not None
            if self._limit:
                parameter.grad.mul_(share)
            else:
                squares.add_(parameter.grad.float().square().sum())
            self._optimizer.step(parameter, step)
            parameter.grad = None

        if self._limit:
            with hooked(self._parameters, measure):
                loss.backward(retain_graph=True)
            norm = float(squares.sqrt())
            if not torch.isfinite(squares):
                return
            share = min(1.0, self._limit / (norm + 1e-6))  # as torch's clip_grad_norm_ has it
        with hooked(self._parameters, apply):
            loss.backward()
        self._norm = float(squares.sqrt())

    def finish(self, step: int, is_sound: bool) -> float | None:
        """See Stepper."""
        return self._norm

    def state_dict(self) -> dict[str, Any]:
        """See Stepper."""
        return {"optimizer": self._optimizer.state_dict(), "scaler": {}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """See Stepper."""
        self._optimizer.load_state_dict(state["optimizer"])
