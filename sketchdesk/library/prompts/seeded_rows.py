"""Rows with the seeds they are drawn with, where a person writes more than one.

A GenerateJob has one seed and one count: image n of a row takes seed + n, and a row may have a seed and a count of its
own. So one seed with a count, and a range of seeds, are the job's own; a list with gaps ("1, 5, 9") becomes rows, one
for each unbroken run of it. A row with a seed of its own keeps it. A row with a count of its own takes that many of
the seeds, going on upwards from the last one where there are not enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.library.prompts.seeds import count_of, first_of

Rows = tuple[PromptRow, ...]


def seeded(rows: Sequence[PromptRow], runs: tuple[range, ...], count: int) -> tuple[Rows, int, int]:
    """Return rows, seed and count of a job that draws every row with the seeds of parse_seeds.

    `count` is how many images a row has where there is but one seed.
    """
    if len(runs) == 1:
        return tuple(rows), runs[0].start, len(runs[0]) if len(runs[0]) > 1 else count
    total = count_of(runs)
    return tuple(piece for row in rows for piece in _pieces(row, runs, total)), runs[0].start, total


def _pieces(row: PromptRow, runs: tuple[range, ...], total: int) -> Iterable[PromptRow]:
    if row.seed is not None:
        return [row]
    wanted = first_of(runs, row.count or total)
    return [msgspec.structs.replace(row, seed=run.start, count=len(run)) for run in wanted]
