"""Prompts as they are typed, pasted and dropped: lines read as those of a .txt list, rows copied as such."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.library.prompts.reading import read_typed
from sketchdesk.library.prompts.writing import text_line

Typed = tuple[list[PromptRow], list[SketchDeskError]]
"""Rows, and what is wrong with the lines that were taken as they stand."""


def clean(text: str) -> str:
    """Return a text as a prompt: on one line, without signs that no image's record can hold."""
    possible = "".join(sign for sign in text if sign != "\0" and not "\ud800" <= sign <= "\udfff")
    return " ".join(possible.split())


def typed(text: str) -> Typed:
    """Return a row for each line that says something (library.prompts.reading.read_typed)."""
    lines = text.replace("\u2029", "\n").replace("\u2028", "\n").splitlines()
    return read_typed([clean(line) for line in lines])


def typed_rows(text: str) -> list[PromptRow]:
    """Return the rows alone."""
    return typed(text)[0]


def changed(row: PromptRow, text: str) -> PromptRow:
    """Return a row whose prompt was written anew; options behind the words are its own settings from then on.

    A row is no comment: one that begins with # stays a prompt.
    """
    rows, _problems = ([PromptRow(prompt=text)], []) if text.startswith("#") else typed(text)
    said = {name: value for one in rows for name, value in msgspec.structs.asdict(one).items() if value is not None}
    return msgspec.structs.replace(row, **said)


def copied(rows: Sequence[PromptRow]) -> str:
    """Return rows as the lines of text that other programs are given."""
    return "\n".join(map(text_line, rows))
