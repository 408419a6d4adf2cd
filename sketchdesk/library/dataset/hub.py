"""Data sets of the hub, through `datasets`: kept in its cache, which also serves without a network, or streamed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.dataset.items import Again, Item, Picture, Source, unreadable_set
from sketchdesk.library.dataset.parquet import picture_in
from sketchdesk.library.dataset.tables import caption_in

SPLIT = "train"


def read_hub(name: str, image_column: str, caption_column: str, streaming: bool) -> Source:
    """Return the train split of owner/name. With `streaming` nothing of it is kept on this machine.

    No code of a repository is run. Raises SketchDeskError: HUB_… where it cannot be fetched, DATASET_UNREADABLE where
    it is no image-caption set.
    """
    import datasets

    try:
        found = datasets.load_dataset(name, split=SPLIT, streaming=streaming)
    except Exception as error:  # whatever its readers raise is about the set
        raise _told(error, name) from error
    return items_of(name, found, image_column, caption_column)


def items_of(name: str, found: Any, image_column: str, caption_column: str) -> Source:
    """Return the rows of a datasets.Dataset or IterableDataset as items; pictures stay encoded until they are wanted.

    Raises SketchDeskError(DATASET_UNREADABLE) for one without the columns.
    """
    import datasets

    columns = list(found.column_names or found.features or ())
    missing = [column for column in (image_column, caption_column) if column not in columns]
    if missing:
        raise unreadable_set(name, f"no column “{missing[0]}”; there are {', '.join(columns)}")
    found = found.select_columns([image_column, caption_column])
    if isinstance(found.features[image_column], datasets.Image):
        found = found.cast_column(image_column, datasets.Image(decode=False))
    if isinstance(found, datasets.IterableDataset):
        return Source(name, Again(lambda: _streamed(found, image_column, caption_column)), streamed=True)
    pictures, captions = found.select_columns([image_column]), found[caption_column]
    items = [
        Item(str(number), caption_in(caption), partial(_picture, pictures, image_column, number))
        for number, caption in enumerate(captions)
    ]
    return Source(name, items)


def _picture(pictures: Any, column: str, number: int) -> Picture:
    return picture_in(pictures[number][column])


def _streamed(found: Any, image_column: str, caption_column: str) -> Iterator[Item]:
    for number, row in enumerate(found):
        yield Item(str(number), caption_in(row[caption_column]), partial(picture_in, row[image_column]))


def _told(error: Exception, name: str) -> SketchDeskError:
    """Return what went wrong as a failure a person can read."""
    from sketchdesk.library.hub.hub_errors import named

    cause: BaseException | None = error
    while cause is not None:  # `datasets` wraps what the hub's client said
        if isinstance(cause, Exception) and not isinstance(cause, ValueError):
            try:
                return named(cause, name)
            except Exception:  # noqa: BLE001 - it was no hub's error
                pass
        cause = cause.__cause__ or cause.__context__
    return unreadable_set(name, f"{type(error).__name__}: {error}")
