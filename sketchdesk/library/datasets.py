"""Image-caption folders: read the layouts people have, write the one every tool reads.

Read: `metadata.jsonl` or `metadata.csv` with `file_name` and a caption column (the imagefolder layout), or a `.txt` or
`.caption` file beside each image. Source files are never changed.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.atomic import write_text
from sketchdesk.library.images import image_files

METADATA = ("metadata.jsonl", "metadata.csv")


class Example(NamedTuple):
    """One picture and what it shows."""

    path: Path
    caption: str


def read_examples(folder: Path, caption_column: str = "text") -> list[Example]:
    """Return the folder's examples in a fixed order.

    Raises SketchDeskError DATASET_UNREADABLE, with the line or file at fault in its details, when there are none or
    the metadata is broken.
    """
    try:
        for name in METADATA:
            if (folder / name).is_file():
                found = _from_metadata(folder, folder / name, caption_column)
                break
        else:
            found = _from_sidecars(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SketchDeskError(ErrorKind.DATASET_UNREADABLE, str(folder), f"{type(error).__name__}: {error}") from error
    if not found:
        raise SketchDeskError(ErrorKind.DATASET_UNREADABLE, str(folder), "no image with a caption")
    return found


def _from_metadata(folder: Path, file: Path, caption_column: str) -> list[Example]:
    text = file.read_text(encoding="utf-8-sig")
    if file.suffix == ".jsonl":
        rows: Iterable[dict[str, str]] = (json.loads(line) for line in text.splitlines() if line.strip())
    else:
        rows = csv.DictReader(text.splitlines())
    return [Example(folder / row["file_name"], str(row[caption_column])) for row in rows]


def _from_sidecars(folder: Path) -> list[Example]:
    found = []
    for image in image_files(folder):
        for suffix in (".txt", ".caption"):
            sidecar = image.with_suffix(suffix)
            if sidecar.is_file():
                found.append(Example(image, sidecar.read_text(encoding="utf-8-sig").strip()))
                break
    return found


def write_metadata(folder: Path, examples: Iterable[Example]) -> None:
    """Write metadata.jsonl for images that lie in `folder`, in one piece."""
    rows = [
        json.dumps({"file_name": example.path.relative_to(folder).as_posix(), "text": example.caption})
        for example in examples
    ]
    write_text(folder / METADATA[0], "\n".join(rows) + "\n")
