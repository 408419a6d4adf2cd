"""Data sets of the hub: fetched and kept here, which also serves without a network; or streamed, through `datasets`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.items import Again, Item, Picture, Source, unreadable_set
from sketchdesk.library.dataset.parquet import picture_in, read_parquet
from sketchdesk.library.dataset.tables import caption_column_in, caption_in, no_column, without_captions
from sketchdesk.library.hub.hub_errors import named
from sketchdesk.library.hub.listener import Listener, Nobody
from sketchdesk.library.hub.patience import Patience
from sketchdesk.library.hub.repository import is_offline, look_up
from sketchdesk.library.hub.sets import NO_HUB, REVISION, SPLIT, fetch_set

IMPATIENT = Patience(tries=2)
"""For a question that somebody waits for at a form."""


def read_hub(
    name: str, image_column: str, caption_column: str, streaming: bool, listener: Listener | None = None,
    patience: Patience | None = None,
) -> Source:  # fmt: skip
    """Return the train split of owner/name. With `streaming` nothing of it is kept on this machine.

    No code of a repository is run. `listener` hears how the download goes, and may stop it. Raises SketchDeskError:
    HUB_…, WRONG_BYTES, DISK_… where it cannot be fetched, DATASET_UNREADABLE where it is no image-caption set.
    """
    import datasets

    listener = listener or Nobody()
    unasked: SketchDeskError | None = None
    try:
        if streaming:  # `datasets` says of most troubles only that there is no such set
            look_up(name, REVISION, listener, patience or Patience(), kind="dataset")
        elif (files := fetch_set(name, listener, patience)) is not None:
            return read_parquet(name, files, image_column, caption_column, numbered=True)
    except _trouble() as error:
        raise _told(error, name) from error
    except SketchDeskError as error:
        if streaming or error.kind not in NO_HUB:
            raise
        unasked = error  # `datasets` may have kept it
    try:
        found = datasets.load_dataset(name, split=SPLIT, streaming=streaming)
    except _trouble() as error:
        raise unasked or _told(error, name) from error
    return items_of(name, found, image_column, caption_column)


def published_count(name: str) -> int | None:
    """Return how many examples the publisher of owner/name says its train split has, None where it is not said.

    Raises SketchDeskError(HUB_…) where the hub has no such set or cannot be asked.
    """
    import datasets

    look_up(name, REVISION, Nobody(), IMPATIENT, kind="dataset")
    try:
        splits = datasets.load_dataset_builder(name).info.splits or {}
    except _trouble() as error:
        raise _told(error, name) from error
    return splits[SPLIT].num_examples if SPLIT in splits else None


def _trouble() -> tuple[type[Exception], ...]:
    """Return what `datasets` and its readers have been seen to raise about a set."""
    import pyarrow as pa
    from datasets.exceptions import DatasetsError

    return (DatasetsError, OSError, ValueError, KeyError, TypeError, pa.ArrowException, RuntimeError, ImportError)


def items_of(name: str, found: Any, image_column: str, caption_column: str) -> Source:
    """Return the rows of a datasets.Dataset or IterableDataset as items; pictures stay encoded until they are wanted.

    Without a column of captions they have none, which is remarked. Raises SketchDeskError(DATASET_UNREADABLE) for one
    without the column of pictures.
    """
    import datasets

    columns = list(found.column_names or found.features or ())
    if image_column not in columns:
        raise unreadable_set(name, no_column(image_column, columns))
    column = caption_column_in(columns, caption_column)
    remarks = () if column else (without_captions(name, columns, caption_column),)
    found = found.select_columns([image_column, *([column] if column else [])])
    if isinstance(found.features[image_column], datasets.Image):
        found = found.cast_column(image_column, datasets.Image(decode=False))
    if isinstance(found, datasets.IterableDataset):
        again = Again(lambda: _streamed(name, found, image_column, column))
        return Source(name, again, streamed=True, remarks=remarks)
    pictures = found.select_columns([image_column])
    captions = found[column] if column else [None] * len(found)
    items = [
        Item(str(number), caption_in(caption), partial(_picture, pictures, image_column, number))
        for number, caption in enumerate(captions)
    ]
    return Source(name, items, remarks=remarks)


def _picture(pictures: Any, column: str, number: int) -> Picture:
    return picture_in(pictures[number][column])


def _streamed(name: str, found: Any, image_column: str, caption_column: str | None) -> Iterator[Item]:
    """Yield the rows as they come in. Raises SketchDeskError where no more will come."""
    rows = enumerate(found)
    while True:
        try:
            number, row = next(rows)
        except StopIteration:
            return
        except _trouble() as error:
            raise _told(error, name) from error
        caption = caption_in(row[caption_column]) if caption_column else None
        yield Item(str(number), caption, partial(picture_in, row[image_column]))


def _told(error: Exception, name: str) -> SketchDeskError:
    """Return what went wrong as a failure a person can read."""
    cause: BaseException | None = error
    while cause is not None:  # `datasets` wraps what the hub's client said
        if isinstance(cause, Exception) and not isinstance(cause, ValueError):
            try:
                return named(cause, name)
            except Exception:  # noqa: BLE001 - it was no hub's error
                pass
        if isinstance(cause, ConnectionError):
            kind = ErrorKind.HUB_OFFLINE if is_offline() else ErrorKind.HUB_UNREACHABLE
            return SketchDeskError(kind, name, str(cause))
        cause = cause.__cause__ or cause.__context__
    return unreadable_set(name, f"{type(error).__name__}: {error}")
