"""Prompt lists written so that read_prompts reads back exactly what was there."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.prompts.reading import FIELDS, INLINE_OPTIONS, read_prompts


def write_prompts(path: Path, rows: Sequence[PromptRow]) -> None:
    """Write rows as .txt, .csv, .json or .jsonl, whole or not at all.

    Raises SketchDeskError: BAD_INPUT for another ending, and where this kind of file cannot hold what the rows say (a
    text list has no place for a count); DISK_FULL or NOT_WRITABLE.
    """
    writers = {".txt": _as_text, ".csv": _as_csv, ".json": _as_json, ".jsonl": _as_json_lines}
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise _bad(_("{file} is not a prompt list: use .txt, .csv, .json or .jsonl.").format(file=path.name))
    text = writer(rows)
    if not _reads_back(text, path.suffix, rows):
        raise _bad(
            _("A {kind} list cannot hold all that these prompts say; save it as .json.").format(
                kind=path.suffix.lower()
            )
        )
    write_text(path, text)


def _reads_back(text: str, suffix: str, rows: Sequence[PromptRow]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder, f"trial{suffix.lower()}")
        trial.write_bytes(text.encode())
        try:
            return read_prompts(trial) == tuple(rows)
        except SketchDeskError:
            return False


def _as_text(rows: Sequence[PromptRow]) -> str:
    return "".join(text_line(row) + "\n" for row in rows)


def text_line(row: PromptRow) -> str:
    """Return a row as a line of a text list, with kohya's options; what these cannot say is left out."""
    options = ((letter, getattr(row, field)) for letter, field in INLINE_OPTIONS.items())
    return " ".join([row.prompt, *(f"--{letter} {value}" for letter, value in options if value is not None)])


def _as_csv(rows: Sequence[PromptRow]) -> str:
    used = [name for name in FIELDS if name == "prompt" or any(getattr(row, name) is not None for row in rows)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(used)
    for row in rows:
        writer.writerow(["" if getattr(row, name) is None else getattr(row, name) for name in used])
    return out.getvalue()


def _as_json(rows: Sequence[PromptRow]) -> str:
    return msgspec.json.format(msgspec.json.encode(_written(rows)), indent=2).decode() + "\n"


def _as_json_lines(rows: Sequence[PromptRow]) -> str:
    return "".join(msgspec.json.encode(row).decode() + "\n" for row in _written(rows))


def _written(rows: Sequence[PromptRow]) -> list[dict[str, object]]:
    return [{name: value for name, value in msgspec.to_builtins(row).items() if value is not None} for row in rows]


def _bad(message: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.BAD_INPUT, message)
