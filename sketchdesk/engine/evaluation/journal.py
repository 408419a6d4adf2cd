"""scored.jsonl: what was scored so far, a line an image, so that a study that died goes on and scores none twice.

A line counts only for the same picture, as it is on disk now, the same words and the same judges. A line that was cut
short by a crash is passed over. Of several processes each has a file of its own; all are read.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.engine.evaluation.drawing import fingerprint
from sketchdesk.engine.evaluation.scores import Scored, relative_to
from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.files.lines import append_lines
from sketchdesk.library.models.installed import resolve_model

JOURNAL = "scored.jsonl"


class _Line(Struct, frozen=True):
    key: str
    scored: Scored


class ScoreJournal:
    """The scores in one folder by the judges named `judges`, as written by all; `rank` is this process's number."""

    def __init__(self, folder: Path, judges: str, rank: int = 0) -> None:
        """Read what is there. The folder is made when there is something to write."""
        self._folder = folder
        self._path = folder / (JOURNAL if rank == 0 else f"scored-{rank}.jsonl")
        self._judges = judges
        self.read()

    def read(self) -> None:
        """Read what is there now: what other processes have written since, too."""
        with disk_errors(self._path):
            files = [self._folder / JOURNAL, *sorted(self._folder.glob("scored-*.jsonl"))]
            self._known = {key: scored for file in files for key, scored in _lines(file)}

    def known(self, path: Path, experiment: str, model: str, prompt: str, text: str) -> Scored | None:
        """Return what was scored before for a picture, as it is now, with this prompt and these words."""
        found = self._known.get(self._key(path, experiment, model, prompt, text))
        return dataclasses.replace(found, path=path) if found else None  # the folder may have been moved

    def add(self, texts: Iterable[tuple[Scored, str]]) -> None:
        """Append scores, each with the words it was scored with, and wait until they are on the disk.

        Raises SketchDeskError(DISK_FULL, NOT_WRITABLE).
        """
        lines = []
        for one, text in texts:
            key = self._key(one.path, one.row.experiment, one.row.model, one.row.prompt, text)
            lines.append(msgspec.json.encode(_Line(key, one), enc_hook=_encoded) + b"\n")
        with disk_errors(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        append_lines(self._path, b"".join(lines), synced=True)

    def _key(self, path: Path, experiment: str, model: str, prompt: str, text: str) -> str:
        status = path.stat()
        file = relative_to(self._folder, path)
        parts = (self._judges, file, status.st_size, status.st_mtime_ns, experiment, model, prompt, text)
        return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:32]


def judges_mark(settings: object, models: Iterable[str]) -> str:
    """Return a short mark of what scores: plain settings, and the files of the models of these names.

    Raises SketchDeskError for a model that is not there.
    """
    marks = {name: fingerprint(resolve_model(name)) for name in models}
    return hashlib.sha256(msgspec.json.encode([settings, marks])).hexdigest()[:16]


def _lines(path: Path) -> Iterator[tuple[str, Scored]]:
    for text in path.read_bytes().splitlines() if path.is_file() else ():
        try:
            line = msgspec.json.decode(text, type=_Line, dec_hook=_decoded)
        except (msgspec.DecodeError, UnicodeError):  # cut short, or another version's: that picture is scored again
            continue
        yield line.key, line.scored


def _encoded(value: object) -> str:
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(type(value))


def _decoded(kind: type, value: Any) -> Any:
    if kind is Path:
        return Path(value)
    raise NotImplementedError(kind)
