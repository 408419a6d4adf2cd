"""scored.jsonl: what was scored so far, a line an image, so that a study that died goes on and scores none twice.

A line counts only for the same picture, as it is on disk now, the same words and the same judges. A last line that was
cut short by a crash is dropped.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

import msgspec
from msgspec import Struct

from sketchdesk.engine.evaluation.drawing import fingerprint
from sketchdesk.engine.evaluation.scores import Scored, relative_to
from sketchdesk.library.atomic import disk_errors
from sketchdesk.library.models import resolve_model

JOURNAL = "scored.jsonl"


class _Line(Struct, frozen=True):
    key: str
    scored: Scored


class ScoreJournal:
    """The scores in one folder by the judges named `judges`; close it, or use it as a context manager."""

    def __init__(self, folder: Path, judges: str) -> None:
        """Read what is there. The folder is made when there is something to write."""
        self._path = folder / JOURNAL
        self._judges = judges
        self._file: IO[bytes] | None = None
        with disk_errors(self._path):
            self._known = dict(_lines(self._path))

    def __enter__(self) -> ScoreJournal:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()

    def known(self, path: Path, experiment: str, model: str, text: str) -> Scored | None:
        """Return what was scored before for a picture, as it is now, and these words."""
        found = self._known.get(self._key(path, experiment, model, text))
        return dataclasses.replace(found, path=path) if found else None  # the folder may have been moved

    def add(self, texts: Iterable[tuple[Scored, str]]) -> None:
        """Append scores, each with the words it was scored with, and wait until they are on the disk.

        Raises SketchDeskError(DISK_FULL, NOT_WRITABLE).
        """
        with disk_errors(self._path):
            if not self._file:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("ab")
            for one, text in texts:
                line = _Line(self._key(one.path, one.row.experiment, one.row.model, text), one)
                self._file.write(msgspec.json.encode(line, enc_hook=_encoded) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def _key(self, path: Path, experiment: str, model: str, text: str) -> str:
        status = path.stat()
        file = relative_to(self._path.parent, path)
        parts = (self._judges, file, status.st_size, status.st_mtime_ns, experiment, model, text)
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def judges_mark(settings: object, models: Iterable[str]) -> str:
    """Return a short mark of what scores: plain settings, and the files of the models of these names.

    Raises SketchDeskError for a model that is not there.
    """
    marks = {name: fingerprint(resolve_model(name)) for name in models}
    return hashlib.sha256(msgspec.json.encode([settings, marks])).hexdigest()[:16]


def _lines(path: Path) -> list[tuple[str, Scored]]:
    """Return the whole lines of the file, and cut off one that is not whole."""
    if not path.is_file():
        return []
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    if len(whole) < len(data):
        os.truncate(path, len(whole))
    found = []
    for text in whole.splitlines():
        try:
            line = msgspec.json.decode(text, type=_Line, dec_hook=_decoded)
        except (msgspec.DecodeError, UnicodeError):  # another version's: that picture is scored again
            continue
        found.append((line.key, line.scored))
    return found


def _encoded(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))


def _decoded(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)
