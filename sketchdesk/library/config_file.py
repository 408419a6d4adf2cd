"""A long job's settings: a TOML file whose keys are the job's fields, and changes made on the command line."""

from __future__ import annotations

import difflib
import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.dataset.sources import is_hub_id
from sketchdesk.library.files.textfile import read_text
from sketchdesk.library.paths import training_dir

DEMO_DATASETS = ("demo-sketch", "demo-colour")

_REFUSED_KEY = re.compile(r"`\$\.(\w+)")

Kind = TypeVar("Kind", TrainJob, DistillJob)


Values = dict[str, object]


def read_config(
    kind: type[Kind], required: Sequence[str], path: Path | None, overrides: Sequence[str], out_dir: Path | None,
    resume: bool, shorthand: str = "", spelt_out: Callable[[object, Values], Values] | None = None,
) -> Kind:  # fmt: skip
    """Read a job from CONFIG.toml, in which the `required` keys must be, or from `overrides` alone.

    The key `shorthand` names settings that `spelt_out` returns, given its value and the rest; whatever else is said
    counts before them. It raises ValueError with the names there are.

    `overrides` are "key=value", the value as TOML or else as a plain word; they count before the file. Relative paths
    mean the file's own folder, in overrides the current one. The output folder is `out_dir`, else the file's own,
    else one in the data folder named after the file, or the shorthand where there is none: a new one, or the last one
    if the job resumes.
    Raises SketchDeskError(BAD_INPUT) that names the file, and the key or the line.
    """
    keys = kind.__struct_fields__
    keys += (shorthand,) if shorthand else ()
    values: Values = {}
    if path:
        values = {key: _placed(key, value, path.absolute().parent) for key, value in _read(path, keys).items()}
    for key, value in (_override(text, keys) for text in overrides):
        values[key] = _placed(key, value, Path.cwd())
    if out_dir is not None:
        values["out_dir"] = str(out_dir.absolute())
    if resume:
        values["resume"] = True
    told = path or Path(str(values.get(shorthand, "")))
    if spelt_out and shorthand in values:
        named = values.pop(shorthand)
        try:
            values = spelt_out(named, values) | values
        except ValueError as error:
            _refuse_value(told, {shorthand: named}, shorthand, str(error))
    for key in required:
        if key not in values:
            _refuse(_("{file}: “{key}” is missing.").format(file=told.name, key=key))
    if "out_dir" not in values:
        values["out_dir"] = str(_default_out_dir(told.stem, values.get("resume") is True))
    return _job(kind, told, values)


def _read(path: Path, keys: Sequence[str]) -> dict[str, object]:
    try:
        values = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _refuse(_("{file} is not valid TOML: {reason}").format(file=path.name, reason=error))
    for key in values:
        _check_key(path.name, key, keys)
    return values


def _override(text: str, keys: Sequence[str]) -> tuple[str, object]:
    key, equals, value = (part.strip() for part in text.partition("="))
    if not equals:
        _refuse(_("“{text}” is not of the form key=value.").format(text=text))
    _check_key("--set", key, keys)
    try:
        parsed = tomllib.loads(f"value = {value}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return key, value
    return key, parsed["value"] if len(parsed) == 1 else value


def _check_key(where: str, key: str, keys: Sequence[str]) -> None:
    if key in keys:
        return
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.5)
    message = _("{where}: there is no setting “{key}”.").format(where=where, key=key)
    _refuse(f"{message} {_('Did you mean “{near}”?').format(near=near[0])}" if near else message)


def _placed(key: str, value: object, base: Path) -> object:
    """Return a value, as an absolute path where it is one: a data set, an output folder, a model that lies there."""
    if key == "loras" and isinstance(value, list):
        return [_placed_lora(lora, base) for lora in value]
    if not isinstance(value, str) or not value:
        return value
    try:
        path = base / Path(value).expanduser()
        is_path = {
            "dataset": value not in DEMO_DATASETS and not is_hub_id(value, base),
            "captions_file": True,
            "out_dir": True,
            "pairs_dir": True,
            "lpips_weights": True,
            "model": value.startswith((".", "~")) or path.exists(),
            "start": value.startswith((".", "~")) or path.exists(),
            "start_base": value.startswith((".", "~")) or path.exists(),
        }
        return str(path.resolve()) if is_path.get(key, False) else value
    except (OSError, RuntimeError, ValueError):  # no such home, a NUL in it, too long: told when it is opened
        return value


def _placed_lora(lora: object, base: Path) -> object:
    if not isinstance(lora, dict) or "path" not in lora:
        return lora
    return lora | {"path": _placed("model", lora["path"], base)}


def _default_out_dir(name: str, resume: bool) -> Path:
    """Return the first free folder of a row name, name-2, name-3 …, or the last one taken if the job resumes."""
    number, last, folder = 1, None, training_dir() / name
    while folder.exists():
        number, last = number + 1, folder
        folder = training_dir() / f"{name}-{number}"
    return last if resume and last else folder


def _job(kind: type[Kind], path: Path, values: Mapping[str, object]) -> Kind:
    try:
        job = convert(values, kind)
    except msgspec.ValidationError as error:
        place = _REFUSED_KEY.search(str(error))
        _refuse_value(path, values, place[1] if place else "", str(error).split(" - at `")[0])
    endless = next((key for key, value in values.items() if value in (math.inf, -math.inf)), None)
    if endless:  # TOML can name infinity, but no setting can be it
        _refuse_value(path, values, endless, "inf")
    return job


def _refuse_value(path: Path, values: Mapping[str, object], key: str, reason: str) -> NoReturn:
    message = _("{file}: “{value}” is not possible for {key}: {reason}")
    _refuse(message.format(file=path.name, value=values.get(key), key=key, reason=reason))


def _refuse(message: str) -> NoReturn:
    raise SketchDeskError(ErrorKind.BAD_INPUT, message)
