"""All that is in the trash, whatever it is: listed, brought back, deleted for good."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import ngettext
from sketchdesk.library.training.checkpoints import title_of
from sketchdesk.library.trash import folder_trash, trash
from sketchdesk.library.trash.folder_trash import FolderBatch
from sketchdesk.library.trash.old_trash import adopt
from sketchdesk.library.trash.trash import Told, TrashBatch

Batch = TrashBatch | FolderBatch
"""What was moved to the trash together."""
Kind = Literal["picture", "checkpoint", "model"]


class Returned(Struct, frozen=True, kw_only=True):
    """What came of bringing one batch back."""

    batch: Batch
    back: dict[Path, Path]
    """Where each thing that is back was and is now."""
    error: SketchDeskError | None = None
    """Why the rest is still in the trash, None where all is back."""


def all_batches() -> list[Batch]:
    """Return what is in the trash, the last moved first."""
    adopt()
    found: list[Batch] = [*trash.batches(), *folder_trash.folder_batches()]
    return sorted(found, key=lambda batch: (batch.moved, batch.folder.name), reverse=True)


def bring_back(batch: Batch, told: Told = lambda old, now: None) -> dict[Path, Path]:
    """Bring a batch back; return where each thing was and is now; `told` hears of each that is back.

    Raises SketchDeskError: BAD_INPUT for a checkpoint whose place is taken, DISK_FULL, NOT_WRITABLE; what was not
    brought back by then is still in the trash.
    """
    if isinstance(batch, TrashBatch):
        return trash.restore(batch, told)
    return folder_trash.restore_folders(batch, told)


def bring_back_each(chosen: Iterable[Batch]) -> list[Returned]:
    """Bring batches back, those too that come after one that cannot; return what came of each, in their order."""
    return [_returned(batch) for batch in chosen]


def _returned(batch: Batch) -> Returned:
    back: dict[Path, Path] = {}
    error = None
    try:
        bring_back(batch, back.__setitem__)
    except SketchDeskError as refused:
        error = refused
    except OSError as refused:  # what has no name of ours, such as a disk that is broken
        error = SketchDeskError(ErrorKind.INTERNAL, details=str(refused))
    return Returned(batch=batch, back=back, error=error)


def delete_for_good(chosen: Iterable[Batch]) -> Counter[Kind]:
    """Delete batches; return how many things of each kind there were.

    Raises SketchDeskError(NOT_WRITABLE); what could not be deleted is still in the trash.
    """
    gone: Counter[Kind] = Counter()
    for batch in chosen:
        count = trash.empty_trash([batch]) if isinstance(batch, TrashBatch) else folder_trash.empty_folders([batch])
        gone[kind_of(batch)] += count
    return +gone


def kind_of(batch: Batch) -> Kind:
    """Return what a batch holds."""
    return "picture" if isinstance(batch, TrashBatch) else batch.kind


def places_of(batch: Batch) -> list[Path]:
    """Return where each thing of a batch was."""
    return [one.original for one in (batch.images if isinstance(batch, TrashBatch) else batch.folders)]


# --- in words ----------------------------------------------------------------------------------------------------


def contents(batch: Batch, shown: str = "") -> str:
    """Return what a batch holds in the language in use, e.g. "3 pictures", "1 model: sketch-lora".

    `shown` is the count as it is to be written.
    """
    kind, places = kind_of(batch), places_of(batch)
    words = {
        "picture": ngettext("{count} picture", "{count} pictures", len(places)),
        "checkpoint": ngettext("{count} checkpoint", "{count} checkpoints", len(places)),
        "model": ngettext("{count} model", "{count} models", len(places)),
    }[kind].format(count=shown or len(places))
    names = ", ".join(title_of(place) or place.name for place in places) if kind != "picture" else ""
    return f"{words}: {names}" if names else words


def told_back(kind: Kind, count: int, shown: str = "") -> str:
    """Return the sentence that so many came back; `shown` is the count as it is to be written."""
    return {
        "picture": ngettext("{count} picture is back.", "{count} pictures are back.", count),
        "checkpoint": ngettext("{count} checkpoint is back.", "{count} checkpoints are back.", count),
        "model": ngettext("{count} model is back.", "{count} models are back.", count),
    }[kind].format(count=shown or count)


def told_deleted(kind: Kind, count: int, shown: str = "") -> str:
    """Return the sentence that so many were deleted for good; `shown` is the count as it is to be written."""
    return {
        "picture": ngettext(
            "{count} picture was deleted for good.", "{count} pictures were deleted for good.", count
        ),
        "checkpoint": ngettext(
            "{count} checkpoint was deleted for good.", "{count} checkpoints were deleted for good.", count
        ),
        "model": ngettext("{count} model was deleted for good.", "{count} models were deleted for good.", count),
    }[kind].format(count=shown or count)
