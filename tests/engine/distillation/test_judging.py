"""Looks are a fraction of a report's work, and a phase that costs too much variety ends, for good."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.measures import FULL, GLANCE
from sketchdesk.engine.distillation.phase_loop import Distiller, Planned
from sketchdesk.engine.distillation.student import Student
from sketchdesk.engine.distillation.variety_guard import LEAST_VARIETY, VarietyGuard
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter

CPU = Placement(torch.device("cpu"), torch.float32, 1)


class Shrinking:
    """A phase that makes a student's weights smaller."""

    name = "matching"

    def __init__(self, student: Student) -> None:
        self._weights = student.trained.parameters

    def loss(self, number: int) -> Tensor:
        return torch.stack([weight.square().mean() for weight in self._weights]).sum()


@pytest.fixture
def begun(tiny_sd: Path) -> Any:
    """What makes a distillation of one phase with five steps."""
    job = DistillJob(model=str(tiny_sd), out_dir="", student="teacher", train_batch_size=1, lr_warmup_steps=0)

    def begin() -> Distiller:
        student = Student(job, load_stable_diffusion(tiny_sd, CPU.device, torch.float32), CPU, cast("Any", None))
        return Distiller(job, student, [Planned(lambda: Shrinking(student), 5)])

    return begin


def trained(distiller: Distiller, ends_at: int) -> int:
    """Train until it ends; its phase is ended at a step. Return how many steps were taken."""
    taken = 0

    def after_step(step: int) -> None:
        nonlocal taken
        taken += 1
        if step == ends_at:
            distiller.end_phase()

    distiller.run(Reporter(lambda _event: None), after_step, lambda: None)
    return taken


def test_a_phase_that_is_ended_stays_so_for_those_who_go_on_from_there(begun):
    first = begun()
    assert not first.is_done
    assert trained(first, ends_at=2) == 2
    assert first.is_done
    again = begun()
    again.load_state_dict(first.state_dict())
    assert again.is_done
    assert trained(again, ends_at=0) == 0


def test_matching_may_not_cost_variety_but_may_begin_with_little():
    varied, alike = VarietyGuard(), VarietyGuard()
    assert [varied.misses(each) for each in (1.0, 0.9, LEAST_VARIETY - 0.01)] == [False, False, True]
    assert [alike.misses(each) for each in (0.5, 0.6, 0.7, 0.49)] == [False, False, False, True]


def test_what_matching_began_with_is_kept_for_those_who_go_on(begun):
    first, again = begun(), begun()
    first.guard.misses(0.5)
    again.load_state_dict(first.state_dict())
    assert not again.guard.misses(0.5)
    assert again.guard.misses(0.49)


def test_a_look_is_an_eighth_of_a_report():
    def passes(extent) -> int:
        return extent.pairs + extent.paths * extent.path_steps + extent.captions * extent.same_caption

    assert 8 * passes(GLANCE) <= passes(FULL)
