"""What became of a distillation, in figures: report.json in its folder, read by card, window and guide."""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.reading import reader
from sketchdesk.library.files.atomic import write_json

REPORT = "report.json"


class StepMarks(Struct, frozen=True, kw_only=True):
    """A model drawing held-out pairs in so many steps, measured against what the teacher made of the same noise."""

    steps: int
    latent_mse: float
    psnr: float
    """dB, of the decoded pictures."""
    variety: float | None = None
    """How far apart its pictures of one caption are, the teacher's being 1; None where no caption has two pairs."""

    def gain_over(self, other: StepMarks) -> float:
        """Return how much of another's latent error is gone, 1 being all: "one-step gain" against the teacher's one."""
        return 1 - self.latent_mse / other.latent_mse if other.latent_mse else math.nan


class DistillReport(Struct, frozen=True, kw_only=True):
    """Held-out pairs as student and teacher draw them, in 1, 2, 4 and the teacher's steps."""

    step: int
    """Optimiser steps done."""
    pairs: int
    """Trained on."""
    held_out: int
    """Measured on."""
    fingerprint: str
    """Of the pairs (PairSet.fingerprint)."""
    student: tuple[StepMarks, ...]
    teacher: tuple[StepMarks, ...]
    straightness: float
    straightness_relative: float
    teacher_straightness: float
    teacher_straightness_relative: float

    @property
    def one_step_gain(self) -> float:
        """The student's one step against the teacher's."""
        return self.student[0].gain_over(self.teacher[0])


def write_report(folder: Path, report: DistillReport) -> None:
    """Write it into a distillation's folder. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_json(folder / REPORT, report)


def read_report(folder: Path) -> DistillReport | None:
    """Return the report of a distillation's folder, None where there is none that can be read."""
    try:
        return reader(DistillReport).decode((folder / REPORT).read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None
