"""What was found out about model files and is dear to find again: checksums, and what a single file predicts.

One JSON file in the data folder that can be deleted at any time. A note counts only while the file's size and time
of change are those it was written for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal, get_args

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.files.locking import only_one
from sketchdesk.library.paths import home

NOTES_FILE = "model-notes.json"
CHUNK_BYTES = 4 * 1024**2
TINY_DECODER = "tiny_decoder"
"""A part of a model folder that has a checksum of its own: most pictures are drawn without it."""
HASHED_SUFFIXES = (".safetensors", ".bin", ".ckpt", ".pt", ".json", ".txt")
"""Of a folder: weights, configurations and vocabularies; not model cards and pictures."""

Predicts = Literal["epsilon", "v_prediction", "velocity"]
PREDICTIONS: tuple[Predicts, ...] = get_args(Predicts)


class ModelNote(Struct, frozen=True, kw_only=True):
    """What is known of one model file or folder."""

    size_bytes: int
    changed_ns: int
    sha256: str = ""
    predicts: Predicts | None = None
    told_by: Literal["person", "probe", ""] = ""
    """Who said what it predicts."""


def read_note(path: Path) -> ModelNote | None:
    """Return what is known of a model as it lies there now, or None."""
    note = _notes().get(str(path.resolve()))
    try:
        size_bytes, changed_ns = file_state(path)
    except OSError:
        return None
    return note if note and (note.size_bytes, note.changed_ns) == (size_bytes, changed_ns) else None


def remember_prediction(path: Path, predicts: Predicts, told_by: Literal["person", "probe"]) -> None:
    """Note what a model predicts. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE), OSError where it is gone."""
    _write(path, predicts=predicts, told_by=told_by)


def person_says(path: Path) -> Predicts | None:
    """Return what the person said a model predicts, None where nobody did."""
    note = read_note(path)
    return note.predicts if note and note.told_by == "person" else None


def say_prediction(path: Path, predicts: str) -> None:
    """Note what the person says a model predicts, one of PREDICTIONS; "" has it found out again.

    Raises SketchDeskError: BAD_INPUT for anything else, DISK_FULL or NOT_WRITABLE; OSError where the model is gone.
    """
    said = next((one for one in PREDICTIONS if one == predicts), None)
    if said is None and predicts:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{given}” is no kind of prediction.").format(given=predicts))
    _write(path, predicts=said, told_by="person" if said else "")


def model_hash(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """Return the SHA-256 of a model in hexadecimal, from the notes where it has not changed since.

    Of a file it is the file's own. Of a folder it is that of its files' list as `sha256sum` writes it, sorted by
    name: a line "CHECKSUM  relative/path" each. `tell` hears how many bytes each step has read. Raises OSError, also
    where the model changes while it is read.
    """
    note = read_note(path)
    if note and note.sha256:
        return note.sha256
    state = file_state(path)
    if path.is_file():
        digest = file_sha256(path, tell)
    else:
        lines = (f"{file_sha256(file, tell)}  {file.relative_to(path).as_posix()}\n" for file in _hashed(path))
        digest = hashlib.sha256("".join(lines).encode()).hexdigest()
    if file_state(path) != state:
        raise OSError(f"{path} was changed while it was read")
    with suppress(SketchDeskError):  # what could not be noted is found again the next time
        _write(path, sha256=digest)
    return digest


def file_sha256(path: Path, tell: Callable[[int], None] | None = None) -> str:
    """Return a file's SHA-256 in hexadecimal. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
            if tell:
                tell(len(chunk))
    return digest.hexdigest()


def _hashed(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.suffix.lower() in HASHED_SUFFIXES and path.is_file())
    seen = ((path, path.relative_to(folder).parts) for path in files)
    kept = (path for path, parts in seen if parts[0] != TINY_DECODER and not any(part[0] == "." for part in parts))
    return sorted(kept, key=lambda path: path.relative_to(folder).as_posix())


def file_state(path: Path) -> tuple[int, int]:
    """Return a model's size in bytes and last change in ns, a folder's over all files that count. Raises OSError."""
    stats = [file.stat() for file in _files(path)]
    return sum(stat.st_size for stat in stats), max((stat.st_mtime_ns for stat in stats), default=0)


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _hashed(path)
    else:
        yield path


def _write(path: Path, **known: str | None) -> None:
    size_bytes, changed_ns = file_state(path)
    with only_one(home() / NOTES_FILE):
        note = read_note(path) or ModelNote(size_bytes=size_bytes, changed_ns=changed_ns)
        notes = _notes() | {str(path.resolve()): msgspec.structs.replace(note, **known)}
        write_json(home() / NOTES_FILE, {name: each for name, each in notes.items() if Path(name).exists()})


def _notes() -> dict[str, ModelNote]:
    try:
        return reader(dict[str, ModelNote]).decode((home() / NOTES_FILE).read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
