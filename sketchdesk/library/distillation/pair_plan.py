"""Which pairs a job wants: captions and seeds, chosen so that more pairs are fewer pairs and then some."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.captions import edited, read_edits
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.distillation.pairs import Pair

FOLDER = "pairs"
KEPT_FROM_TRAINING = 16
"""One in so many captions is only held out, where there are at least as many captions."""
HELD_OUT_SEEDS = 2**40
"""How far the seeds of pairs held out are from the others."""
SEEDS = 2**63


def pairs_folder(job: DistillJob) -> Path:
    """Return where a job's pairs lie."""
    return Path(job.pairs_dir) if job.pairs_dir else Path(job.out_dir, FOLDER)


def captions_of(job: DistillJob) -> list[str]:
    """Return what pairs are drawn of, each once: the job's prompts and its data set's captions, as edited here.

    Raises SketchDeskError(BAD_INPUT) where there is none, and as open_source and read_edits do.
    """
    found = [*job.prompts]
    if job.dataset:
        source = open_source(job.dataset)
        if job.captions_file:
            source = edited(source, read_edits(Path(job.captions_file)))
        found += [item.caption for item in source.captioned().items if item.caption is not None]
    captions = list(dict.fromkeys(caption.strip() for caption in found if caption.strip()))
    if not captions:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT, _("There is nothing to draw pairs of: give prompts, or a data set with captions.")
        )
    return captions


def planned_pairs(job: DistillJob, captions: Iterable[str]) -> list[Pair]:
    """Return the pairs to train on, then those to hold out; a job for more pairs begins with those of one for fewer.

    Captions come in turn, in an order that their checksums give, each time with the next seed. Those held out have
    seeds of their own, and half of them captions of their own where there are enough captions: which ones, their
    checksums alone decide, so that other jobs over the same captions decide the same.
    """
    ordered = sorted(captions, key=_checksum)
    kept = [caption for caption in ordered if _checksum(caption)[0] % KEPT_FROM_TRAINING == 0]
    if len(ordered) < KEPT_FROM_TRAINING or not kept:
        kept = []
    trained = [caption for caption in ordered if caption not in set(kept)] or ordered
    train = [
        Pair(trained[number % len(trained)], (job.seed + number) % SEEDS) for number in range(job.num_pairs)
    ]
    held_out = []
    for number in range(job.num_held_out_pairs):
        pool = kept if kept and number % 2 else trained
        turn = number // 2 if kept else number
        held_out.append(Pair(pool[turn % len(pool)], (job.seed + HELD_OUT_SEEDS + number) % SEEDS, True))
    return train + held_out


def _checksum(caption: str) -> bytes:
    return hashlib.sha256(caption.encode()).digest()
