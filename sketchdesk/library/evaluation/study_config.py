"""A study's settings: a TOML file whose keys are StudyJob's fields, with [[models]] and [[variants]] tables."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse, MetricSources, StudyJob, StudyModel, StudyTiming, StudyVariant
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import new_study_folder
from sketchdesk.library.files.textfile import read_text
from sketchdesk.library.prompts.reading import read_prompts
from sketchdesk.library.prompts.seeds import count_of, parse_seeds

REQUIRED = ("prompts", "models")
MOST_SEEDS = 100_000
_TABLES: dict[str, type[Struct]] = {
    "models": StudyModel, "variants": StudyVariant, "sources": MetricSources, "timing": StudyTiming
}
_PATHS = ("images", "reference")
_PATHS_OR_NAMES = (
    "model", "path", "training_set", "clip_model", "blip_model", "inception_weights", "pickscore_model", "hps_model",
)  # fmt: skip


def read_study_job(path: Path, out_dir: Path | None = None) -> StudyJob:
    """Read a study from CONFIG.toml.

    `prompts` is a list of prompts or the name of a prompt file, `seeds` a list or a text like "0-5". Relative paths
    mean the file's own folder. The study's folder is `out_dir`, else the file's own, else a new one in the data folder.
    Raises SketchDeskError(BAD_INPUT) that names the file, and the key or the line.
    """
    values = _read(path)
    base = path.absolute().parent
    for key in REQUIRED:
        if key not in values:
            _refuse(_("{file}: “{key}” is missing.").format(file=path.name, key=key))
    if isinstance(values["prompts"], str):
        values["prompts"] = [row.prompt for row in read_prompts(base / Path(values["prompts"]).expanduser())]
    if isinstance(values.get("seeds"), str):
        runs = parse_seeds(str(values["seeds"]))
        if count_of(runs) > MOST_SEEDS:
            _refuse(_("{file}: so many seeds are not possible.").format(file=path.name))
        values["seeds"] = [seed for run in runs for seed in run]
    values.setdefault("title", path.stem)
    values["out_dir"] = str(_folder(values, out_dir, base))
    try:
        return convert(_placed(values, base), StudyJob)
    except msgspec.ValidationError as error:
        reason, _dollar, place = str(error).partition(" - at `$")
        where = place.strip(".`") or path.name
        _refuse(_("{file}: {key} is not possible: {reason}").format(file=path.name, key=where, reason=reason))


def _read(path: Path) -> dict[str, object]:
    try:
        values = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        _refuse(_("{file} is not valid TOML: {reason}").format(file=path.name, reason=error))
    _check_keys(path.name, values, StudyJob)
    for name, struct in _TABLES.items():
        tables = values.get(name, [])
        for table in tables if isinstance(tables, list) else [tables]:
            if isinstance(table, dict):
                _check_keys(f"{path.name}, {name}", table, struct)
                for lora in table.get("loras", ()) if isinstance(table.get("loras"), list) else ():
                    _check_keys(f"{path.name}, loras", lora if isinstance(lora, dict) else {}, LoraUse)
    return values


def _check_keys(where: str, values: Mapping[str, object], struct: type[Struct]) -> None:
    for key in values:
        if key not in struct.__struct_fields__:
            near = difflib.get_close_matches(key, struct.__struct_fields__, n=1, cutoff=0.5)
            message = _("{where}: there is no setting “{key}”.").format(where=where, key=key)
            _refuse(f"{message} {_('Did you mean “{near}”?').format(near=near[0])}" if near else message)


def _folder(values: Mapping[str, object], out_dir: Path | None, base: Path) -> Path:
    if out_dir is not None:
        return out_dir.absolute()
    own = values.get("out_dir")
    return base / Path(own).expanduser() if isinstance(own, str) and own else new_study_folder(str(values["title"]))


def _placed(value: object, base: Path, key: str = "") -> object:
    """Return the values with paths that are seen from `base` made absolute."""
    match value:
        case dict():
            return {name: _placed(part, base, name) for name, part in value.items()}
        case list():
            return [_placed(part, base, key) for part in value]
        case str() if value and (key in _PATHS or (key in _PATHS_OR_NAMES and _lies(base, value))):
            return str((base / Path(value).expanduser()).resolve())
        case _other:
            return value


def _lies(base: Path, name: str) -> bool:
    try:
        return name.startswith((".", "~")) or (base / name).exists()
    except (OSError, ValueError):  # too long, a NUL in it: told when it is opened
        return False


def _refuse(message: str) -> NoReturn:
    raise SketchDeskError(ErrorKind.BAD_INPUT, message)
