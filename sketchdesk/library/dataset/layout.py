"""Image-caption folders as they are written here: the layout every tool reads."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from sketchdesk.library.dataset.tables import METADATA
from sketchdesk.library.files.atomic import write_text


class Example(NamedTuple):
    """One picture and what it shows."""

    path: Path
    caption: str


def write_metadata(folder: Path, examples: Iterable[Example]) -> None:
    """Write metadata.jsonl for images that lie in `folder`, in one piece."""
    rows = [
        json.dumps({"file_name": example.path.relative_to(folder).as_posix(), "text": example.caption})
        for example in examples
    ]
    write_text(folder / METADATA[0], "\n".join(rows) + "\n")
