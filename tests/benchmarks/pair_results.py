"""What pair_ablation.py found: a table of it, and what its picture shows."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from msgspec import Struct
from one_step import MANY, Row
from pair_pictures import Found

from sketchdesk.library.distillation.report import StepMarks

FEW = (1, 4)
"""The steps whose pictures are judged, beside the teacher's many."""

Cells = dict[str, str | float | None]
"""A row of the table by its titles; None for what was not measured there."""


class Judged(Struct, frozen=True, kw_only=True):
    """What became of one size, or what the teacher itself does."""

    pairs: int | None
    """Trained on; None for the teacher."""
    marks: tuple[StepMarks, ...]
    """On held-out pairs, in 1, 4 and the pairs' own steps."""
    rows: tuple[Row, ...]
    likeness: tuple[tuple[int, float], ...] = ()
    """(step, dB) of one-step pictures while it learnt, on fewer pairs."""

    @property
    def best(self) -> tuple[int, float] | None:
        """The step at which its one-step pictures were most alike, and how much; None where nobody looked."""
        return max(self.likeness, key=lambda each: each[1]) if len(self.likeness) > 1 else None


def learning(looks: Sequence[tuple[int, float]], total: int, last: float) -> tuple[tuple[int, float], ...]:
    """Return likeness by step: that of the looks before the end, and `last` at it; () where nobody looked.

    The program's own last look is on more pairs than those before, and cannot be compared with them.
    """
    before = tuple((step, value) for step, value in looks if step < total)
    return (*before, (total, last)) if before else ()


def table(judged: Sequence[Judged]) -> list[Cells]:
    """Return a row for each model and number of steps; None for what was not measured there. Teacher first."""
    told = []
    first = judged[0].marks[0]
    for each in judged:
        marks = {mark.steps: mark for mark in each.marks}
        rows = {row.steps: row for row in each.rows}
        for steps in sorted({*marks, *rows}):
            mark, row = marks.get(steps), rows.get(steps)
            told.append({
                "model": "teacher" if each.pairs is None else "student", "pairs": each.pairs, "steps": steps,
                "best_step": each.best[0] if each.best and steps == 1 else None,
                "best_psnr": each.best[1] if each.best and steps == 1 else None,
                "last_psnr": each.likeness[-1][1] if each.best and steps == 1 else None,
                "psnr": mark.psnr if mark else None,
                "gain": mark.gain_over(first) if mark and steps == 1 else None,
                "variety": mark.variety if mark else None,
                "named_first": row.named_first if row else None,
                "clip_score": row.clip_score[0] if row else None,
                "clip_low": row.clip_score[1] if row else None, "clip_high": row.clip_score[2] if row else None,
                "cmmd": row.cmmd[0] if row else None,
                "cmmd_low": row.cmmd[1] if row else None, "cmmd_high": row.cmmd[2] if row else None,
                "kid_1000": 1000 * row.kid_teacher if row else None,
            })  # fmt: skip
    return told


def as_csv(rows: Sequence[Cells]) -> str:
    """Return rows as CSV, empty where nothing was measured."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def lines(rows: Sequence[Cells]) -> list[str]:
    """Return rows as a Markdown table."""
    titles = list(rows[0])
    cells = [["–" if row[title] is None else _short(row[title]) for title in titles] for row in rows]
    return ["| " + " | ".join(each) + " |" for each in [titles, ["-:"] * len(titles), *cells]]


def _short(value: str | float | None) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def found_of(judged: Sequence[Judged]) -> Found:
    """Return what the picture shows of the teacher, first, and the sizes."""
    rows = {(each.pairs, row.steps): row for each in judged for row in each.rows}
    marks = {(each.pairs, mark.steps): mark for each in judged for mark in each.marks}
    sizes = [each.pairs for each in judged[1:] if each.pairs is not None]
    return Found(
        learning={each.pairs: each.likeness for each in judged[1:] if each.pairs is not None},
        likeness={steps: [(size, marks[size, steps].psnr) for size in sizes] for steps in FEW},
        named={steps: [(size, 100 * rows[size, steps].named_first) for size in sizes] for steps in FEW},
        kid={steps: [(size, 1000 * rows[size, steps].kid_teacher) for size in sizes] for steps in FEW},
        teacher_likeness={steps: marks[None, steps].psnr for steps in FEW},
        teacher_named={steps: 100 * rows[None, steps].named_first for steps in (FEW[-1], MANY)},
        teacher_kid={steps: 1000 * rows[None, steps].kid_teacher for steps in (FEW[-1], MANY)},
    )
