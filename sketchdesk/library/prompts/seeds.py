"""Seeds as people write them: one, a list "1, 5, 9", a range "1000–1005", or any mixture."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _

LARGEST_SEED = 2**63 - 1
MOST_SEEDS = 100_000
"""As many images as one row of a job may ask for."""

_PART = re.compile(r"(\d+)(?:\s*(?:[-–—]|\.\.\.?|…)\s*(\d+))?")


def parse_seeds(text: str) -> tuple[range, ...]:
    """Return the seeds in the order written, neighbours that count upwards joined into one range.

    "1000–1005, 7" gives (range(1000, 1006), range(7, 8)). A seed is drawn once however often it is written. Raises
    SketchDeskError(BAD_INPUT) with a sentence for what is no such list.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]", text) if part.strip()]
    if len(parts) == 1 and re.fullmatch(r"\d+(\s+\d+)+", parts[0]):
        parts = parts[0].split()  # "1 5 9"
    if not parts:
        raise _bad(_("Write a seed: a whole number, a list like 1, 5, 9 or a range like 1000–1005."))
    return joined(_part(part) for part in parts)


def joined(ranges: Iterable[range]) -> tuple[range, ...]:
    """Return ranges with each seed once, and neighbours joined. Raises BAD_INPUT for more than MOST_SEEDS."""
    runs: list[range] = []
    for wanted in ranges:
        for piece in _without(wanted, runs):
            if runs and runs[-1].stop == piece.start:
                runs[-1] = range(runs[-1].start, piece.stop)
            else:
                runs.append(piece)
        if count_of(runs) > MOST_SEEDS:
            raise _bad(_("At most {count} seeds are possible.").format(count=MOST_SEEDS))
    return tuple(runs)


def count_of(runs: Iterable[range]) -> int:
    """Return how many seeds the ranges hold."""
    return sum(len(run) for run in runs)


def first_of(runs: tuple[range, ...], count: int) -> tuple[range, ...]:
    """Return the first `count` seeds; where there are fewer, they go on upwards from the last one."""
    taken: list[range] = []
    left = count
    for run in runs:
        taken.append(run[:left])
        left -= len(taken[-1])
        if not left:
            return tuple(taken)
    last = taken.pop()
    return (*taken, range(last.start, last.stop + left))


def seeds_text(runs: Iterable[range]) -> str:
    """Return seeds as parse_seeds reads them."""
    return ", ".join(f"{run.start}–{run.stop - 1}" if len(run) > 1 else str(run.start) for run in runs)


def _part(text: str) -> range:
    match = _PART.fullmatch(text)
    if match is None:
        raise _bad(_("“{text}” is not a seed: a whole number, or a range like 1000–1005.").format(text=text[:40]))
    first = _seed(match[1])
    last = _seed(match[2]) if match[2] else first
    if last < first:
        raise _bad(_("The range {text} ends before it begins.").format(text=text[:60]))
    if last - first >= MOST_SEEDS:
        raise _bad(_("At most {count} seeds are possible.").format(count=MOST_SEEDS))
    return range(first, last + 1)


def _seed(digits: str) -> int:
    # The length first: Python refuses to read thousands of digits.
    if len(digits) > 30 or int(digits) > LARGEST_SEED:
        raise _bad(_("A seed is at most {limit}.").format(limit=LARGEST_SEED))
    return int(digits)


def _without(wanted: range, taken: list[range]) -> list[range]:
    """Return the parts of a range that no other holds."""
    pieces = [wanted]
    for run in taken:
        pieces = [
            part
            for piece in pieces
            for part in (
                range(piece.start, min(piece.stop, run.start)),
                range(max(piece.start, run.stop), piece.stop),
            )
            if len(part)
        ]
    return pieces


def _bad(message: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.BAD_INPUT, message)
