"""Captions a person edited, or BLIP wrote, for a set's pictures: kept in the data folder, never in the set's files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.items import Item, Source
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.files.locking import only_one
from sketchdesk.library.paths import captions_dir

Author = Literal["person", "blip"]


class Edit(Struct, frozen=True):
    """A caption in place of the set's own."""

    caption: str
    by: Author = "person"


class CaptionEdits(Struct, frozen=True):
    """A set's edited captions, by the keys of its items."""

    dataset: str
    edits: dict[str, Edit] = {}

    def with_edits(self, changes: Mapping[str, Edit | None]) -> CaptionEdits:
        """Return these with some changed; None gives a picture its own caption back."""
        merged = self.edits | {key: edit for key, edit in changes.items() if edit is not None}
        return CaptionEdits(self.dataset, {key: edit for key, edit in merged.items() if changes.get(key, edit)})


def edits_file(dataset: str) -> Path:
    """Return where the edits of a set are kept: a folder's by its whole path, a hub's by its name."""
    place = Path(dataset).expanduser()
    name = str(place.absolute()) if place.exists() else dataset
    return captions_dir() / f"{place.stem or 'set'}-{hashlib.sha256(name.encode()).hexdigest()[:12]}.json"


def read_edits(file: Path, dataset: str = "") -> CaptionEdits:
    """Return the edits of a file, none where there is none yet. Raises SketchDeskError(BAD_INPUT) for another file."""
    try:
        return reader(CaptionEdits).decode(file.read_bytes())
    except FileNotFoundError:
        return CaptionEdits(dataset)
    except (OSError, msgspec.MsgspecError, UnicodeError) as error:
        text = _("The captions in {file} cannot be read.").format(file=file)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text, str(error)) from error


def write_edits(file: Path, edits: CaptionEdits) -> None:
    """Write them whole or not at all. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_json(file, edits)


def change_edits(
    file: Path, dataset: str, changes: Mapping[str, Edit | None], unless_changed_from: CaptionEdits | None = None
) -> CaptionEdits:
    """Change some captions of a file, whoever else writes it meanwhile, and return all that are there now.

    With `unless_changed_from`, a caption that is not any more what it was there stays. Raises as read_edits and
    write_edits do.
    """
    with only_one(file):
        edits = read_edits(file, dataset)
        if (before := unless_changed_from) is not None:
            changes = {key: edit for key, edit in changes.items() if edits.edits.get(key) == before.edits.get(key)}
        edits = edits.with_edits(changes)
        write_edits(file, edits)
    return edits


def edited(source: Source, edits: CaptionEdits) -> Source:
    """Return a set with edited captions in place of its own, or where it has none."""

    def change(items: Iterator[Item]) -> Iterator[Item]:
        for item in items:
            edit = edits.edits.get(item.key)
            yield item if edit is None else item._replace(caption=edit.caption)

    return source.changed(change) if edits.edits else source
