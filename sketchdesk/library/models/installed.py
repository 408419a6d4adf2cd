"""The models on this machine: shipped, the user's own, and those other programs left in the hub's cache."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.called import ambiguous, called
from sketchdesk.library.models.kind import (
    LORA_FOLDER_FILES,
    NETWORK_FILE,
    PIPELINE_FILE,
    kind_of,
    licence_of,
    lora_in,
    read_config,
    teacher_of,
)
from sketchdesk.library.models.shipped import BUILT, SHIPPED, shipped_folder
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES, check_weights, safetensors_header
from sketchdesk.library.models.whole_models import whole
from sketchdesk.library.paths import models_dir, resource, training_dir
from sketchdesk.library.settings import load_settings
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints, lora_of

__all__ = [
    "BUILT", "SHIPPED", "ModelEntry", "check_model", "describe", "list_models", "locate", "own_places", "placed",
    "resolve_model",
]  # fmt: skip

NOT_LOADED = ("safety_checker",)
"""Parts of a pipeline that are never loaded, so it does not matter how they are stored."""

Origin = Literal["shipped", "own", "linked", "cache"]
"""Where a model came from; "linked" ones lie elsewhere and are named in the settings."""

_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


class ModelEntry(Struct, frozen=True, kw_only=True):
    """One model, as a list shows it."""

    name: str
    """What resolve_model takes."""
    path: Path
    origin: Origin
    family: str = ""
    """stable_diffusion, instaflow, clip, blip …; lora and embedding for adapters; "" where the files do not say."""
    variant: str = ""
    """Which of library.models.families, "" for none of them."""
    precision: str = ""
    """How its weights are stored (the U-Net's, where it draws): fp32, fp16, bf16 …, "" where the files do not say."""
    size_bytes: int = 0
    licence: str = ""
    """As the model card's first lines name it, or ""."""
    prediction_type: str | None = None
    """epsilon or v_prediction for what draws, None for the rest."""
    inpaints: bool = False
    """Whether it draws only with a picture and a mask."""
    problem: str = ""
    """The sentence that says why it cannot be used, or ""."""
    teacher: str = ""
    """What it was made few-step from, or ""."""


def resolve_model(name: str, allow_pickle: bool = False) -> Path:
    """Return where a model lies: a shipped name, a folder, a file, a hub id, or what library.models.called takes.

    Nothing is downloaded. Raises SketchDeskError: MODEL_NOT_FOUND; BAD_INPUT for a name of several; UNSAFE_WEIGHTS
    where the weights are in a format that can run code, unless `allow_pickle`; MODEL_UNREADABLE where files are missing
    or cut short.
    """
    path = locate(name)
    if path is None:
        several = called(name, own_places())
        raise ambiguous(name, several) if several else SketchDeskError(ErrorKind.MODEL_NOT_FOUND, name)
    check_model(path, allow_pickle)
    return path


def locate(name: str) -> Path | None:
    """Return the file or folder of that name (see resolve_model), unchecked, or None; see whole_models for folders."""
    if (path := placed(name)) is not None:
        return path
    found = called(name, own_places()) if name and name not in (*SHIPPED, *BUILT) else []
    return whole(found[0]) if len(found) == 1 else None


def placed(name: str) -> Path | None:
    """Return what lies at a path, under a name of the demo or in the hub's cache: what a name means without a look."""
    if name in (*SHIPPED, *BUILT):
        return whole(place) if (place := shipped_folder(name)) else None
    try:
        path = Path(name).expanduser()
        if name and (path.is_file() or path.is_dir()):  # a pipe or a device is no model
            # A file keeps its own name: what a link in the hub's cache leads to has no ending that tells its kind.
            return path.parent.resolve() / path.name if path.is_file() else whole(path.resolve())
    except (OSError, RuntimeError, ValueError):  # too long, no such home, a NUL in it: not a path
        return None
    return _cached(name) if _HUB_ID.fullmatch(name) else None


def own_places() -> list[Path]:
    """Return where the person's own models lie: downloaded, copied, trained and linked ones, whatever they are."""
    return [path for _name, path, origin in _places() if origin in ("own", "linked")]


def check_model(path: Path, allow_pickle: bool = False) -> None:
    """Make sure that a model file or folder is complete and safe to load; raises as resolve_model does."""
    path = whole(path)
    if path.is_file():
        if path.suffix.lower() in UNSAFE_SUFFIXES:
            if allow_pickle:
                return
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(path))
        safetensors_header(path)
        return
    for part in _parts(path):
        folder = path / part
        if not folder.is_dir():
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"the folder {part} is missing")
        # A part with config.json is a network; tokenizers and schedulers have configurations of other names.
        if not check_weights(folder, allow_pickle) and (folder / NETWORK_FILE).is_file():
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"{part} has no weights")


def _parts(path: Path) -> list[str]:
    """Return the subfolders a pipeline is made of, "." for a single network, none for a LoRA, whose header is read."""
    if (path / PIPELINE_FILE).is_file():
        index = read_config(path / PIPELINE_FILE)
        named = {key: value for key, value in index.items() if isinstance(value, list) and key not in NOT_LOADED}
        return [key for key, value in named.items() if any(value)]
    if not (path / NETWORK_FILE).is_file():
        if (lora := lora_in(path)) is not None:
            safetensors_header(lora)
            return []
        check_weights(path)  # a folder of pickles is told as such first
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"no {PIPELINE_FILE} and no {NETWORK_FILE}")
    return ["."]


def list_models() -> list[ModelEntry]:
    """Return every model on this machine, broken ones with the sentence that says so. Never raises for a model."""
    return [describe(name, whole(path), origin) for name, path, origin in _places()]


def describe(name: str, path: Path, origin: Origin) -> ModelEntry:
    """Return what can be said of a model without loading it."""
    entry = ModelEntry(name=name, path=path, origin=origin)
    try:
        entry = msgspec.structs.replace(
            entry, size_bytes=_size_bytes(path), licence=licence_of(path), teacher=teacher_of(path)
        )
        kind = kind_of(path)
        entry = msgspec.structs.replace(
            entry,
            family=kind.family,
            variant=kind.variant,
            precision=kind.precision,
            prediction_type=kind.prediction_type,
            inpaints=kind.inpaints,
            problem=kind.problem,
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
        for _step, checkpoint in checkpoints(run / FOLDER):
            if (checkpoint / PIPELINE_FILE).is_file():  # one of adapters draws as a LoRA
                yield str(checkpoint), checkpoint, "own"
        if (lora := lora_of(run)) is not None:
            yield str(lora), lora, "own"
    for linked in load_settings().model_paths:
        yield linked, Path(linked), "linked"
    for folder in sorted(_hub_cache().glob("models--*--*")):
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        snapshot = _cached(name)
        if snapshot and any((snapshot / file).is_file() for file in (PIPELINE_FILE, NETWORK_FILE, *LORA_FOLDER_FILES)):
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


def _size_bytes(path: Path) -> int:
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
