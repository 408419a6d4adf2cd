"""What earlier versions threw away beside the models and the checkpoints: taken into the trash, where it is listed."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.paths import models_dir, runs_dir, trash_dir
from sketchdesk.library.training.checkpoints import FOLDER
from sketchdesk.library.trash.folder_trash import (
    BESIDE,
    FolderBatch,
    Kind,
    TrashedFolder,
    folder_batches,
    write_manifest,
)

_STAMP = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}-")
"""Before the name of what a batch keeps beside where it was; the batch's manifest may have been lost."""


def adopt() -> None:
    """Write a manifest for each folder that lies in a trash of an earlier version; where none can be written, none."""
    found = list(_kept_beside())  # first: what is thrown away meanwhile is listed before it lies there
    listed = {one.kept for batch in folder_batches() for one in batch.folders}
    for kept, kind in found:
        if kept in listed:
            continue
        with suppress(OSError, SketchDeskError):
            write_manifest(_batch(kept, kind))


def _kept_beside() -> Iterator[tuple[Path, Kind]]:
    places: list[tuple[Path, Kind]] = [(models_dir() / BESIDE, "model")]
    places += [(place, "checkpoint") for place in runs_dir().glob(f"*/{FOLDER}/{BESIDE}")]
    for place, kind in places:
        with suppress(OSError):
            for kept in sorted(place.iterdir()):
                if not kept.name.startswith("."):  # else a note beside a model's file
                    yield kept, kind


def _batch(kept: Path, kind: Kind) -> FolderBatch:
    """Return the batch of one folder; two programs that look at once name it alike."""
    moved = datetime.fromtimestamp(kept.lstat().st_ctime, UTC)
    name = f"{moved:%Y%m%d-%H%M%S}-{hashlib.sha256(os.fsencode(kept)).hexdigest()[:6]}"
    original = kept.parent.parent / _STAMP.sub("", kept.name, count=1)
    return FolderBatch(
        folder=trash_dir() / name, moved=moved.isoformat(timespec="microseconds"), kind=kind,
        folders=(TrashedFolder(original=original, kept=kept),),
    )  # fmt: skip
