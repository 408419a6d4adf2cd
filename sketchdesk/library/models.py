"""The models on this machine: shipped, the user's own, and those other programs left in the hub's cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.loose import mapping, text
from sketchdesk.library.paths import models_dir, resource, training_dir
from sketchdesk.library.settings import load_settings
from sketchdesk.library.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES, check_weights, safetensors_header

SHIPPED = ("demo-base", "demo-clip", "demo-blip")
PIPELINE_FILE, NETWORK_FILE = "model_index.json", "config.json"
NOT_LOADED = ("safety_checker",)
"""Parts of a pipeline that are never loaded, so it does not matter how they are stored."""

Origin = Literal["shipped", "own", "linked", "cache"]
"""Where a model came from; "linked" ones lie elsewhere and are named in the settings."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")
_FRONT_MATTER = re.compile(r"---\s*\n(.*?\n)---\s*(?:\n|$)", re.DOTALL)
_LICENCE = re.compile(r"^license(?P<named>_name)?:[ \t]*(?P<value>[^#\n]+)", re.MULTILINE)


class ModelEntry(Struct, frozen=True, kw_only=True):
    """One model, as a list shows it."""

    name: str
    """What resolve_model takes."""
    path: Path
    origin: Origin
    family: str = ""
    """stable_diffusion, instaflow, clip, blip …; lora for adapters; "" where the files do not say."""
    size_bytes: int = 0
    licence: str = ""
    """As the model card's first lines name it, or ""."""
    prediction_type: str | None = None
    """epsilon or v_prediction for what draws, None for the rest."""
    problem: str = ""
    """The sentence that says why it cannot be used, or ""."""


def resolve_model(name: str) -> Path:
    """Return where a model lies: a shipped name, a folder, a .safetensors file, or a hub id in the local cache.

    Nothing is downloaded. Raises SketchDeskError: MODEL_NOT_FOUND; UNSAFE_WEIGHTS where the weights are in a format
    that can run code; MODEL_UNREADABLE where files are missing or cut short.
    """
    path = _located(name)
    if path is None:
        raise SketchDeskError(ErrorKind.MODEL_NOT_FOUND, name)
    check_model(path)
    return path


def _located(name: str) -> Path | None:
    if name in SHIPPED:
        # One that was built again on this machine stands in where the shipped one is missing.
        places = (resource(f"models/{name}"), models_dir() / name)
        return next((place for place in places if place.is_dir()), None)
    try:
        path = Path(name).expanduser()
        if name and path.exists():
            return path.resolve()
    except (OSError, RuntimeError, ValueError):  # too long, no such home, a NUL in it: not a path
        return None
    return _cached(name) if _HUB_ID.fullmatch(name) else None


def check_model(path: Path) -> None:
    """Make sure that a model file or folder is complete and safe to load; raises as resolve_model does."""
    if path.is_file():
        if path.suffix.lower() in UNSAFE_SUFFIXES:
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(path))
        safetensors_header(path)
        return
    parts = _parts(path)
    for part in parts:
        folder = path / part
        if not folder.is_dir():
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"the folder {part} is missing")
        # A part with config.json is a network; tokenizers and schedulers have configurations of other names.
        if not check_weights(folder) and (folder / NETWORK_FILE).is_file():
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"{part} has no weights")


def _parts(path: Path) -> list[str]:
    """Return the subfolders a pipeline is made of, or "." for a single network."""
    if (path / PIPELINE_FILE).is_file():
        index = _json(path / PIPELINE_FILE)
        named = {key: value for key, value in index.items() if isinstance(value, list) and key not in NOT_LOADED}
        return [key for key, value in named.items() if any(value)]
    if not (path / NETWORK_FILE).is_file():
        check_weights(path)  # a folder of pickles is told as such first
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"no {PIPELINE_FILE} and no {NETWORK_FILE}")
    return ["."]


def list_models() -> list[ModelEntry]:
    """Return every model on this machine, broken ones with the sentence that says so. Never raises for a model."""
    return [describe(name, path, origin) for name, path, origin in _places()]


def describe(name: str, path: Path, origin: Origin) -> ModelEntry:
    """Return what can be said of a model without loading it."""
    entry = ModelEntry(name=name, path=path, origin=origin)
    try:
        entry = msgspec.structs.replace(
            entry,
            size_bytes=_size_bytes(path),
            family=_family(path),
            licence=_licence(path),
            prediction_type=_prediction_type(path),
        )
        check_model(path)
    except SketchDeskError as error:
        return msgspec.structs.replace(entry, problem=error.message)
    except OSError as error:
        broken = SketchDeskError(ErrorKind.MODEL_UNREADABLE, name, str(error))
        return msgspec.structs.replace(entry, problem=broken.message)
    return entry


def _places() -> Iterator[tuple[str, Path, Origin]]:
    for name in SHIPPED:
        if resource(f"models/{name}").is_dir():
            yield name, resource(f"models/{name}"), "shipped"
    for path in _visible(models_dir()):
        if path.is_dir() or path.suffix.lower() in (SAFE_SUFFIX, *UNSAFE_SUFFIXES):
            yield str(path), path, "own"
    for run in _visible(training_dir()):
        if (run / "model").is_dir():
            yield str(run / "model"), run / "model", "own"
    for linked in load_settings().model_paths:
        yield linked, Path(linked), "linked"
    for folder in sorted(_hub_cache().glob("models--*--*")):
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        snapshot = _cached(name)
        if snapshot and any((snapshot / file).is_file() for file in (PIPELINE_FILE, NETWORK_FILE)):
            yield name, snapshot, "cache"


def _visible(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if not path.name.startswith(".")]


def _hub_cache() -> Path:
    """Return where the hub's own client keeps its files, by the variables it documents."""
    if chosen := os.environ.get("HF_HUB_CACHE"):
        return Path(chosen).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{cache}/huggingface"
    return Path(home).expanduser() / "hub"


def _cached(hub_id: str) -> Path | None:
    """Return a hub model's newest local snapshot: what refs/main names, else the last one fetched."""
    folder = _hub_cache() / ("models--" + hub_id.replace("/", "--"))
    try:
        main = folder / "snapshots" / (folder / "refs" / "main").read_text(encoding="utf-8").strip()
        if main.is_dir():
            return main
    except (OSError, ValueError):
        pass
    snapshots = [path for path in folder.glob("snapshots/*") if path.is_dir()]
    return max(snapshots, key=lambda path: path.stat().st_mtime, default=None)


def _family(path: Path) -> str:
    if path.is_file():
        return _family_of_file(path)
    if (path / PIPELINE_FILE).is_file():
        name = text(_json(path / PIPELINE_FILE).get("_class_name")).removesuffix("Pipeline")
        if name == "RectifiedFlow":
            return "instaflow"
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[a-z])(?=[0-9])", "_", name).lower()
    return text(_json(path / NETWORK_FILE).get("model_type")) if (path / NETWORK_FILE).is_file() else ""


def _family_of_file(path: Path) -> str:
    if path.suffix.lower() != SAFE_SUFFIX:
        return ""
    names = safetensors_header(path)
    if any("lora" in name for name in names):
        return "lora"
    return "stable_diffusion" if any(name.startswith("model.diffusion_model.") for name in names) else ""


def _prediction_type(path: Path) -> str | None:
    scheduler = path / "scheduler" / "scheduler_config.json"
    return (text(_json(scheduler).get("prediction_type")) or "epsilon") if scheduler.is_file() else None


def _licence(path: Path) -> str:
    """Return `license_name`, else `license`, from the model card's front matter."""
    card = path / "README.md"
    if not card.is_file():
        return ""
    matter = _FRONT_MATTER.match(card.read_text(encoding="utf-8-sig", errors="replace"))
    found = list(_LICENCE.finditer(matter[1])) if matter else []
    found.sort(key=lambda line: line["named"] is None)
    return found[0]["value"].strip().strip("\"'") if found else ""


def _size_bytes(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def _json(path: Path) -> dict[str, Any]:
    try:
        return mapping(msgspec.json.decode(path.read_bytes()))
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error
