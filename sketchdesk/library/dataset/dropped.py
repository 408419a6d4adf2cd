"""What is dropped on the window as a data set: a folder, a file that holds or lists one, or pictures as a list."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from sketchdesk.library.dataset.items import PICTURE_SUFFIXES
from sketchdesk.library.dataset.tables import SUFFIXES
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.paths import lists_dir


def dataset_of(paths: Sequence[Path]) -> str:
    """Return the data set's name for what was dropped or chosen, a list written for it where it needs one.

    A folder is itself; so is one table, parquet file or list. One picture means the folder it lies in. Several files
    mean just these: they are listed in the data folder, captions beside them are read. Reads the disk. Raises
    SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    first = paths[0]
    if first.is_dir() or (len(paths) == 1 and first.suffix.lower() in (*SUFFIXES, ".txt")):
        return str(first)
    if len(paths) == 1:
        return str(first.parent)
    pictures = [path for path in paths if path.suffix.lower() in PICTURE_SUFFIXES] or list(paths)
    text = "".join(f"{path.absolute()}\n" for path in pictures)
    name = f"{pictures[0].parent.name or 'pictures'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.txt"
    file = lists_dir() / name
    write_text(file, text)
    return str(file)
