"""Prompt lists: text (one a line, with kohya's inline options), CSV, JSON and JSON lines, each row checked.

A line that is wrong is told with its number; whether the others count without it is for the caller to say.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.files.textfile import LARGEST_BYTES, read_text
from sketchdesk.library.models.samplers import sampler_id

INLINE_OPTIONS = {
    "n": "negative_prompt",
    "w": "width",
    "h": "height",
    "d": "seed",
    "s": "num_inference_steps",
    "l": "guidance_scale",
}
"""kohya's letters."""

LIST_SUFFIXES = (".txt", ".csv", ".json", ".jsonl", ".ndjson")
"""How the names of prompt lists end, in any letters."""

FIELDS = PromptRow.__struct_fields__
ALIASES = {"steps": "num_inference_steps"}

Row = tuple[int, dict[str, Any]]
"""The line a row begins on, counted from 1, and its fields as written."""
Found = Row | SketchDeskError
"""A row, or why a line is none."""

_OPTION = re.compile(r"(?:^|\s)--([A-Za-z]\w*)")
_GAP = re.compile(r"[\s,]*")
_REFUSED_FIELD = re.compile(r"`\$\.(\w+)`")


class PromptList(Struct, frozen=True):
    """What a list held."""

    rows: tuple[PromptRow, ...]
    problems: tuple[SketchDeskError, ...] = ()
    """Why the other lines are not rows; each names the file and the line."""


def read_prompts(path: Path) -> tuple[PromptRow, ...]:
    """Read a .txt, .csv, .json, .jsonl or .ndjson prompt list, every line of it.

    Text: one prompt a line, `#` begins a comment line, kohya's `--n --w --h --d --s --l` end a line. CSV: a header
    with `prompt` and any of negative_prompt, seed, steps, guidance_scale, width, height, sampler, count; comma,
    semicolon or tab. JSON: a list of texts or of objects with the same names; JSON lines: one of them a line. UTF-8 or
    UTF-16, any line ends.
    Raises SketchDeskError(BAD_INPUT) that names the file and the line; a list without a prompt is an error too.
    """
    found = read_good_prompts(path)
    if found.problems:
        raise found.problems[0]
    return found.rows


def read_good_prompts(path: Path) -> PromptList:
    """Read a list as read_prompts does, but keep the good lines where others are wrong.

    Raises SketchDeskError(BAD_INPUT) where there is no good line, or the file as a whole cannot be read.
    """
    readers = (_text_rows, _csv_rows, _json_rows, _json_line_rows, _json_line_rows)
    reader = dict(zip(LIST_SUFFIXES, readers, strict=True)).get(path.suffix.lower())
    if reader is None:
        _refuse(_("{file} is not a prompt list: use .txt, .csv, .json or .jsonl.").format(file=path.name))
    rows: list[PromptRow] = []
    problems: list[SketchDeskError] = []
    for found in reader(path, read_text(path)):
        try:
            rows.append(_checked(path, *_row(found)))
        except SketchDeskError as error:
            problems.append(error)
    if not rows and problems:
        raise problems[0]
    if not rows:
        _refuse(_("{file} holds no prompt.").format(file=path.name))
    return PromptList(tuple(rows), tuple(problems))


def _row(found: Found) -> Row:
    if isinstance(found, SketchDeskError):
        raise found
    return found


def read_typed(lines: Sequence[str]) -> tuple[list[PromptRow], list[SketchDeskError]]:
    """Read lines that were typed or pasted as those of a text list.

    Returns the rows, and what is wrong with lines that are none: these are taken as they stand, so that nothing is
    lost. Blank lines and comments are left out.
    """
    rows, problems = [], []
    for number, line in enumerate(lines, start=1):
        try:
            if (found := _text_row(Path(_("Text")), number, line)) is not None:
                rows.append(_checked(Path(_("Text")), number, found))
        except SketchDeskError as error:
            rows.append(PromptRow(prompt=line))
            problems.append(error)
    return rows, problems


def _text_rows(path: Path, text: str) -> Iterator[Found]:
    for number, raw in enumerate(text.split("\n"), start=1):
        try:
            if (found := _text_row(path, number, raw)) is not None:
                yield number, found
        except SketchDeskError as error:
            yield error


def _text_row(path: Path, number: int, raw: str) -> dict[str, Any] | None:
    """Return what a line of text says, None for a blank one and a comment. Raises SketchDeskError(BAD_INPUT)."""
    line = raw.strip()
    if not line or line.startswith("#"):
        return None
    prompt, *options = _OPTION.split(line)
    unknown = next((letter for letter in options[::2] if letter.lower() not in INLINE_OPTIONS), None)
    if unknown is not None:
        _refuse_line(path, number, _("there is no option --{name}.").format(name=unknown))
    names = (INLINE_OPTIONS[letter.lower()] for letter in options[::2])
    return {"prompt": prompt.strip(), **dict(zip(names, (value.strip() for value in options[1::2]), strict=True))}


def _csv_rows(path: Path, text: str) -> Iterator[Found]:
    header_line = text.lstrip("\n \t").split("\n", 1)[0]
    # A semicolon is what spreadsheets write where the comma is the decimal sign.
    mark = max(",;\t", key=header_line.count)
    header: list[str] = []
    for line, cells in _csv_records(text, mark):
        if isinstance(cells, csv.Error):
            wrong = _wrong_line(path, line, _("the quotes do not match."), str(cells))
            if not header:  # nothing tells what the cells of the other lines are
                raise wrong
            yield wrong
        elif not any(cell.strip() for cell in cells):
            continue
        elif not header:
            header = _header(path, line, cells)
        elif len(cells) > len(header):
            reason = _("more cells than the header has; put a prompt with commas in quotes.")
            yield _wrong_line(path, line, reason)
        else:
            fields = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
            if mark == ";" and "guidance_scale" in fields:
                fields["guidance_scale"] = fields["guidance_scale"].replace(",", ".")
            yield line, fields


def _csv_records(text: str, mark: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield the line that each record begins on, from 1, and its cells, or what is wrong with its quotes.

    A quote that nothing closes runs on to the end, so of such a record only its first line is given up: the next one
    begins a record of its own.
    """
    csv.field_size_limit(LARGEST_BYTES)  # else a long cell is an error, and one told as another
    lines = [line + "\n" for line in text.split("\n")]
    begin = 0
    while begin < len(lines):
        first, reader = begin, csv.reader(islice(lines, begin, None), delimiter=mark, strict=True)
        try:
            for cells in reader:
                yield begin + 1, cells
                begin = first + reader.line_num
        except csv.Error as error:
            yield begin + 1, error
            begin += 1


def _header(path: Path, line: int, cells: list[str]) -> list[str]:
    names = [ALIASES.get(cell.strip().lower(), cell.strip().lower()) for cell in cells]
    if "prompt" not in names:
        _refuse_line(path, line, _("the header has no column “prompt”."))
    for cell, name in zip(cells, names, strict=True):
        if name not in FIELDS:
            _refuse_line(path, line, _("there is no column “{name}”.").format(name=cell.strip()))
        if names.count(name) > 1:
            _refuse_line(path, line, _("the column “{name}” is there twice.").format(name=cell.strip()))
    return names


def _json_rows(path: Path, text: str) -> Iterator[Found]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        _refuse_line(path, error.lineno, _("this is not valid JSON."), str(error))
    except (ValueError, RecursionError) as error:
        _refuse_line(path, 1, _("this is not valid JSON."), str(error))
    if not isinstance(found, list):
        _refuse_line(path, 1, _("a list of prompts is expected, in [ ]."))
    for line, item in zip(_item_lines(text), found, strict=True):
        yield _item(path, line, item)


def _json_line_rows(path: Path, text: str) -> Iterator[Found]:
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                yield _item(path, number, json.loads(line))
            except (ValueError, RecursionError) as error:
                yield _wrong_line(path, number, _("this is not valid JSON."), str(error))


def _item(path: Path, line: int, item: object) -> Found:
    """Return what a value of a JSON list says."""
    if isinstance(item, str):
        return line, {"prompt": item.strip()}
    if isinstance(item, dict):
        return line, {ALIASES.get(str(key), str(key)): value for key, value in item.items() if value is not None}
    return _wrong_line(path, line, _("a prompt is a text or an object with “prompt” in it."))


def _item_lines(text: str) -> Iterator[int]:
    """Yield the line each item of a valid JSON list begins on."""
    decoder = json.JSONDecoder()
    at, line, counted = text.index("[") + 1, 1, 0
    while True:
        at = _between_items(text, at)
        if at >= len(text) or text[at] == "]":
            return
        line, counted = line + text.count("\n", counted, at), at
        yield line
        at = decoder.raw_decode(text, at)[1]


def _between_items(text: str, at: int) -> int:
    """Return where the next item, or the end of the list, begins."""
    found = _GAP.match(text, at)
    return found.end() if found else at


def _checked(path: Path, line: int, fields: dict[str, Any]) -> PromptRow:
    """Return the row, its texts turned to numbers where the fields are numbers."""
    prompt = fields.get("prompt")
    if not prompt or (isinstance(prompt, str) and not prompt.strip()):
        _refuse_line(path, line, _("there is no prompt."))
    if not all(_is_text(value) for value in fields.values() if isinstance(value, str)):
        _refuse_line(path, line, _("it holds signs that are not text."))
    unknown = next((name for name in fields if name not in FIELDS), None)
    if unknown is not None:
        _refuse_line(path, line, _("there is no field “{name}”.").format(name=unknown))
    if isinstance(fields.get("sampler"), str):
        fields = fields | {"sampler": sampler_id(fields["sampler"]) or fields["sampler"]}
    try:
        return convert(fields, PromptRow, strict=False)
    except msgspec.ValidationError as error:
        place = _REFUSED_FIELD.search(str(error))
        name = place[1] if place else "prompt"
        called = next((alias for alias, field in ALIASES.items() if field == name), name)
        message = _("“{value}” is not possible for {name}.").format(value=fields.get(name), name=called)
        _refuse_line(path, line, message, str(error))


def _is_text(value: str) -> bool:
    """JSON can name half signs (lone surrogates) and NUL, which no image's text can hold."""
    return "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)


def _wrong_line(path: Path, line: int, reason: str, details: str = "") -> SketchDeskError:
    message = _("{file}, line {line}: {reason}").format(file=path.name, line=line, reason=reason)
    return SketchDeskError(ErrorKind.BAD_INPUT, message, details)


def _refuse_line(path: Path, line: int, reason: str, details: str = "") -> NoReturn:
    raise _wrong_line(path, line, reason, details)


def _refuse(message: str, details: str = "") -> NoReturn:
    raise SketchDeskError(ErrorKind.BAD_INPUT, message, details)
