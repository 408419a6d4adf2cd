"""Folders of pictures: with metadata, with a text beside each picture, or in kohya's `NN_name` folders."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.dataset.flaws import Finding, Flaw
from sketchdesk.library.dataset.items import Item, Keys, Source, as_text, pictures_in
from sketchdesk.library.dataset.tables import (
    METADATA,
    SUFFIXES,
    caption_column_in,
    caption_in,
    read_table,
    without_captions,
)
from sketchdesk.library.files.textfile import read_text

SIDECARS = (".txt", ".caption")
TRAIN = "train"
"""Where sets with a test split of their own keep what may be trained on."""
FILE_COLUMN = "file_name"

_REPEATS = re.compile(r"(\d{1,4})_(.+)")


def read_folder(folder: Path, caption_column: str) -> Source:
    """Return a folder's pictures. Metadata counts before kohya's folders, these before texts beside pictures."""
    for place in (folder, folder / TRAIN):
        table = next((place / name for name in METADATA if (place / name).is_file()), None)
        if table is not None:
            return read_listed(table, caption_column, name=str(folder), whole_folder=True)
    repeated = [child for child in sorted(folder.iterdir()) if child.is_dir() and _REPEATS.fullmatch(child.name)]
    if repeated:
        return _kohya(folder, repeated)
    return beside(str(folder), pictures_in(folder), folder)


def read_listed(table: Path, caption_column: str, name: str, whole_folder: bool = False) -> Source:
    """Return the pictures a table names in `file_name`, relative to where it lies.

    With `whole_folder`, pictures there that it does not name are items without a caption. A row that names no picture
    is left out; where no row has a column of captions, that is remarked.
    """
    folder, keys = table.parent, Keys()
    items: list[Item] = []
    left_out: list[Finding] = []
    columns: dict[str, None] = {}
    for row in read_table(table):
        columns |= {} if isinstance(row, Finding) else dict.fromkeys(row[1])
        found = row if isinstance(row, Finding) else _listed(folder, row, caption_column, keys)
        items.append(found) if isinstance(found, Item) else left_out.append(found)
    if whole_folder:
        named = {item.read() for item in items}
        unnamed = (path for path in pictures_in(folder) if path not in named)
        items += [Item(keys(path.relative_to(folder).as_posix()), None, partial(Path, path)) for path in unnamed]
    has_captions = not items or caption_column_in(columns, caption_column) is not None
    remarks = () if has_captions else (without_captions(table.name, columns, caption_column),)
    return Source(name, items, tuple(left_out), remarks=remarks)


def _listed(folder: Path, row: tuple[str, dict[str, object]], caption_column: str, keys: Keys) -> Item | Finding:
    where, fields = row
    name = fields.get(FILE_COLUMN)
    if not isinstance(name, str) or not name.strip() or "\0" in name:
        return Finding(where, Flaw.BAD_ROW, f"no {FILE_COLUMN}")
    path = folder / name.strip()
    if not _is_file(path):
        return Finding(name, Flaw.MISSING, str(path))
    column = caption_column_in(fields, caption_column)
    return Item(keys(name.strip()), caption_in(fields[column]) if column else None, partial(Path, path))


def beside(name: str, pictures: Iterable[Path], folder: Path | None = None) -> Source:
    """Return pictures whose captions lie beside them in .txt or .caption files; keys are relative to `folder`."""
    keys = Keys()
    keyed = ((path, keys(path.relative_to(folder).as_posix() if folder else str(path))) for path in pictures)
    return _read(name, (Item(key, None, partial(Path, path)) for path, key in keyed))


def _kohya(folder: Path, repeated: Iterable[Path]) -> Source:
    """Read `NN_name` folders: each picture is shown NN times a pass, and named by its folder where it has no text.

    Pictures that lie elsewhere in the folder are left out.
    """
    items: list[Item] = []
    unshown = dict.fromkeys(pictures_in(folder))
    for child in repeated:
        repeats, words = as_text(child.name).split("_", 1)
        pictures = pictures_in(child) if int(repeats) else []
        for path in pictures:
            unshown.pop(path, None)
            items.append(Item(as_text(path.relative_to(folder).as_posix()), words, partial(Path, path), int(repeats)))
    left_out = tuple(Finding(as_text(path.relative_to(folder).as_posix()), Flaw.UNSHOWN) for path in unshown)
    found = _read(str(folder), items)
    return replace(found, left_out=(*found.left_out, *left_out))


def _read(name: str, items: Iterable[Item]) -> Source:
    """Return the items with what lies beside their pictures as captions, where something does."""
    found: list[Item] = []
    left_out: list[Finding] = []
    for item in items:
        try:
            caption = _sidecar(Path(str(item.read())))
        except SketchDeskError as error:
            left_out.append(Finding(item.key, Flaw.NO_CAPTION, error.message))
        else:
            found.append(item if caption is None else item._replace(caption=caption))
    return Source(name, found, tuple(left_out))


def read_list(file: Path, caption_column: str) -> Source:
    """Return the pictures a file lists: a table with `file_name`, or a text with a path a line (`#` is a comment).

    Paths are relative to where the list lies. Raises SketchDeskError(BAD_INPUT) where it is no text.
    """
    if file.suffix.lower() in SUFFIXES:
        return read_listed(file, caption_column, name=str(file))
    lines = (line.strip() for line in read_text(file).split("\n"))
    paths = [file.parent / line for line in lines if line and not line.startswith("#") and "\0" not in line]
    found = beside(str(file), (path for path in paths if _is_file(path)))
    missing = [Finding(str(path), Flaw.MISSING) for path in paths if not _is_file(path)]
    return Source(found.name, found.items, (*found.left_out, *missing))


def _sidecar(picture: Path) -> str | None:
    file = next((file for suffix in SIDECARS if (file := picture.with_suffix(suffix)).is_file()), None)
    return None if file is None else read_text(file).strip()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name no file can have
        return False
