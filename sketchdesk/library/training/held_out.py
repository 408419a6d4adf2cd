"""What a training held out: the captions a checkpoint can be judged by, because no step has seen them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from sketchdesk.library.files.atomic import write_json

HELD_OUT = "held-out.json"


def write_held_out(run_folder: Path, captions: Sequence[str]) -> None:
    """Write down the captions held out. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    write_json(run_folder / HELD_OUT, list(captions))


def read_held_out(run_folder: Path) -> tuple[str, ...]:
    """Return the captions a run held out, each once; none where it held out nothing or the file cannot be read."""
    try:
        found = msgspec.json.decode((run_folder / HELD_OUT).read_bytes(), type=list[str])
    except (OSError, msgspec.DecodeError, UnicodeError):
        return ()
    return tuple(dict.fromkeys(caption.strip() for caption in found if caption.strip()))


def representative(captions: Sequence[str], count: int, seed: int = 0) -> tuple[str, ...]:
    """Return `count` of the captions, all of them where there are no more: drawn at random by the seed, in order.

    Strata by length keep the share representative: sorted by length, the captions are cut into `count` equal parts and
    one is drawn from each.
    """
    different = list(dict.fromkeys(captions))
    if count >= len(different):
        return tuple(different)
    rng = random.Random(seed)
    by_length = sorted(range(len(different)), key=lambda index: (len(different[index]), index))
    bounds = [part * len(different) // count for part in range(count + 1)]
    drawn = [by_length[rng.randrange(low, high)] for low, high in pairwise(bounds)]
    return tuple(different[index] for index in sorted(drawn))
