"""The loop of a distillation's phases: gradients, averages, learning rates, and going on exactly where it was.

Everything random at a step comes from a generator seeded with (seed, step). Each phase begins with the average that
the one before ended with, and a fresh optimiser; a checkpoint says which phase it belongs to, so one that was written
at a phase's end ends that phase again in the same way.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor

from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine import memory
from sketchdesk.engine.distillation.settings import learning_rate_at
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.distillation.variety_guard import VarietyGuard
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ema import Ema
from sketchdesk.engine.training.loop import LOG_EVERY_S
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.engine.training.skipped import Skipped
from sketchdesk.engine.training.stepping import Stepper, make_stepper
from sketchdesk.engine.use import Use
from sketchdesk.library.dataset.chance import DROPOUT, step_seed


class Phase(Protocol):
    """What a phase asks of the student."""

    @property
    def name(self) -> str:
        """What it is called in StageChanged and in metrics."""

    def loss(self, number: int) -> Tensor:
        """Return the loss of micro-batch `number`, counted from 0 over all phases."""


@runtime_checkable
class Adversary(Protocol):
    """A phase that trains something of its own before each of the student's steps, and keeps its state."""

    def prepare_step(self, numbers: Sequence[int], rate_share: float) -> dict[str, float]:
        """Train it for the micro-batches of one step; return what to log."""

    def state_dict(self) -> dict[str, Any]:
        """Return what a resume needs."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""


class Planned(NamedTuple):
    """A phase that comes: how it is begun, and its optimiser steps, at least one."""

    begin: Callable[[], Phase]
    steps: int


class Distiller:
    """The state of one distillation; training's Keeper keeps it."""

    def __init__(
        self, job: DistillJob, student: Student, plan: Sequence[Planned], ranks: Ranks | None = None
    ) -> None:
        self.distil_job, self.student, self._plan, self.ranks = job, student, plan, ranks or Ranks()
        self.job, self.model, self.trained = student.settings, student.model, student.trained
        self.total = sum(planned.steps for planned in plan)
        self.step = 0
        """Optimiser steps done, of all phases together."""
        self.skipped = Skipped(job.non_finite_limit)
        self.last_loss = float("nan")
        self.ema = Ema(self.trained.parameters, job.ema_decay)
        """All phases share it: what it is at a phase's end, the next one begins with."""
        self.guard = VarietyGuard()
        """Of the phase that matches distributions."""
        self._begin(0)

    @property
    def phase_number(self) -> int:
        """Which phase it is in, from 0; the last step of a phase belongs to it."""
        return self._number

    @property
    def is_done(self) -> bool:
        """Whether the last phase has ended."""
        return self.step >= self._end and self._number + 1 == len(self._plan)

    def end_phase(self) -> None:
        """Let the phase it is in end here, also for those who go on from what is saved from now on."""
        self._end, self._is_cut = self.step, True

    def run(self, reporter: Reporter, after_step: Callable[[int], None], on_phase: Callable[[], None]) -> None:
        """Go through the phases that are left. `on_phase` is called when one begins or is gone on with.

        A step whose loss is no number is skipped; raises NOT_FINITE after non_finite_limit of them in a row.
        """
        on_phase()
        logged, use = time.monotonic(), Use(self.student.placement.device)
        while True:
            if self.is_done:
                return
            if self.step >= self._end:
                self.ema.copy_to_parameters()
                self._begin(self._number + 1)
                on_phase()
            values = self._one_step()
            now = time.monotonic()
            if now - logged >= LOG_EVERY_S or self.step in (self._first + 1, self._end):
                values |= use.look()
                finite = {name: value for name, value in values.items() if math.isfinite(value)}
                reporter.emit(MetricLogged(step=self.step, values=finite))
                logged = now
            reporter.step(self.step, self.total)
            after_step(self.step)

    def finish(self) -> None:
        """Put the average in the place of what was trained."""
        self.trained.to_full_precision()
        self.ema.copy_to_parameters()

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Run a block with the average in place and the networks in evaluation mode, then train on."""
        for network in self.trained.networks:
            network.eval()
        try:
            with self.ema.swapped_in():
                yield
        finally:
            for network in self.trained.networks:
                network.train()

    def state_dict(self) -> dict[str, Any]:
        """Return everything a resume needs; tensors and plain values only."""
        return {
            "step": self.step,
            "phase": self._number,
            "cut": self._is_cut,
            "variety": self.guard.first,
            "skipped": self.skipped.state(),
            "networks": self.trained.state_dict(),
            **self._stepper.state_dict(),
            "ema": self.ema.state_dict(),
            "adversary": self._adversary.state_dict() if self._adversary else {},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state. Raises as Trained and the optimisers do where it belongs to another job."""
        self._begin(state["phase"])
        self.step = state["step"]
        if state.get("cut"):
            self.end_phase()
        self.guard.first = state.get("variety")
        self.skipped.load_state(state["skipped"])
        self.trained.load_state_dict(state["networks"])
        self._stepper.load_state_dict(state)
        self.ema.load_state_dict(state["ema"])
        if self._adversary:
            self._adversary.load_state_dict(state["adversary"])

    def _begin(self, number: int) -> None:
        self._number = number
        self._first = sum(planned.steps for planned in self._plan[:number])
        self._end, self._is_cut = self._first + self._plan[number].steps, False
        self.phase = self._plan[number].begin()
        self._adversary = self.phase if isinstance(self.phase, Adversary) else None
        self._stepper: Stepper = make_stepper(
            self.job, self.trained.named, self.student.placement, self.ranks.count
        )

    def _one_step(self) -> dict[str, float]:
        """Take one optimiser step and return what to log of it."""
        began = time.monotonic()
        job, within = self.distil_job, self.step - self._first
        rate = learning_rate_at(job, within, self._end - self._first)
        numbers = [
            (self.step * job.gradient_accumulation_steps + part) * self.ranks.count + self.ranks.number
            for part in range(job.gradient_accumulation_steps)
        ]
        extra = self._adversary.prepare_step(numbers, rate / job.learning_rate) if self._adversary else {}
        self._stepper.set_learning_rate(rate)
        loss = torch.zeros(1, device=self.student.placement.device)
        for number in numbers:
            torch.manual_seed(step_seed(job.seed, number, DROPOUT))
            part = self.phase.loss(number) / len(numbers)
            self._stepper.backward(part, self.step)
            loss += part.detach()
        self.ranks.mean_gradients(self.trained.parameters)
        norm = self._update(self.ranks.mean(loss).item(), within)
        images = job.train_batch_size * len(numbers) * self.ranks.count
        values = {
            "loss": self.last_loss,
            "lr": rate,
            "grad_norm": norm,
            "images_per_s": images / max(time.monotonic() - began, 1e-9),
            "memory_gib": memory.peak_gib(self.student.placement.device),
            **extra,
        }
        return values | self.skipped.told

    def _update(self, loss: float, within: int) -> float:
        """End the step and return the gradients' norm before clipping; raises NOT_FINITE after too many in vain."""
        self.last_loss = loss
        is_sound = math.isfinite(loss)
        norm = self._stepper.finish(within, is_sound)
        self.skipped.note(self.step + 1, is_sound and (norm is not None or self._stepper.searches))
        self.step += 1
        if norm is not None:
            self.ema.update(within + 1)
        return math.nan if norm is None else norm
