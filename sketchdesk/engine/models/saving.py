"""Saving a tuned model as a folder in diffusers' layout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from sketchdesk.engine.models.parts import DEFAULTS_FILE, RECTIFIED_FLOW_CLASS, Drawn, StableDiffusion, as_pipeline
from sketchdesk.library.files.atomic import write_bytes
from sketchdesk.library.models.perflow import is_perflow
from sketchdesk.library.models.whole_models import linked
from sketchdesk.library.training.checkpoints import MANIFEST

STATE_FILE = "training_state.safetensors"
"""Where a checkpoint keeps what only a training needs."""
_NOT_THE_MODELS = ("README.md", ".*", MANIFEST, STATE_FILE)
"""In a model's folder, what does not belong to another model made from it."""


def save_tuned(model: StableDiffusion, parts: Sequence[str], folder: Path) -> None:
    """Write a tuned model as a diffusers folder: the named parts ("unet" …) from memory, the rest as it was.

    What was not trained is copied from the model's own folder, byte for byte, so that no precision is lost; where the
    model came from a single file, all parts are written from memory. The folder appears whole: it is written beside
    its final name, then renamed.
    """
    if model.folder.is_dir():
        save_with(model.folder, {part: getattr(model, part) for part in parts}, model, folder)
        return
    with _appearing(folder) as temporary:
        _save_all(model, temporary)
        (temporary / DEFAULTS_FILE).write_bytes(msgspec.json.encode(model.defaults))


def save_with(source: Path, networks: Mapping[str, Any], drawn: Drawn, folder: Path) -> None:
    """Write a model's folder anew, with these networks by their parts' names, and to be drawn with otherwise.

    Byte for byte the rest is as it was. The folder appears whole, as save_tuned's does. Raises OSError.
    """
    with _appearing(folder) as temporary:
        shutil.copytree(source, temporary, ignore=shutil.ignore_patterns(*networks, *_NOT_THE_MODELS))
        for part, network in networks.items():
            network.save_pretrained(temporary / part, safe_serialization=True)
        _say_how_to_draw(drawn, temporary)
        (temporary / DEFAULTS_FILE).write_bytes(msgspec.json.encode(drawn.defaults))


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """Give a place beside a folder where it is made, and take it to be the folder then."""
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    yield temporary
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def add_other_parts(model: StableDiffusion, parts: Sequence[str], folder: Path, spare: Path) -> None:
    """Make a folder a model that lacks only the weights of the named parts.

    The others' files are linked from the model's own folder: they take no room, and are never written to. For a model
    from a single file they are written to the folder `spare` once and linked from there. Raises OSError.
    """
    source = model.folder
    if not source.is_dir():
        source = spare
        if not (source / "model_index.json").is_file():
            shutil.rmtree(source, ignore_errors=True)
            _save_all(model, source)
    kept_out = shutil.ignore_patterns(*parts, *_NOT_THE_MODELS, DEFAULTS_FILE)
    shutil.copytree(source, folder, ignore=kept_out, copy_function=linked, dirs_exist_ok=True)
    _say_how_to_draw(model, folder)
    for part in parts:
        network = getattr(model, part)
        (network.save_config if part == "unet" else network.config.save_pretrained)(folder / part)
    (folder / DEFAULTS_FILE).write_bytes(msgspec.json.encode(model.defaults))


def _save_all(model: StableDiffusion, folder: Path) -> None:
    as_pipeline(model).save_pretrained(folder, safe_serialization=True)
    _say_how_to_draw(model, folder)


def _say_how_to_draw(model: Drawn, folder: Path) -> None:
    """Write into a folder what the model has become, where its files still say what they were made from.

    Files are replaced and never written to: they may be links.
    """
    # Stock diffusers loads the class that is named here; PeRFlow's is none of its own, and made from DDIM's settings.
    known = "DDIMScheduler" if is_perflow(model.scheduler_config) else model.scheduler_config["_class_name"]
    scheduler = {"scheduler": ["diffusers", known]}
    _with(folder / "model_index.json", {"_class_name": RECTIFIED_FLOW_CLASS} if model.rectified_flow else scheduler)
    _with(folder / "scheduler" / "scheduler_config.json", model.scheduler_config)


def _with(file: Path, settings: Mapping[str, Any]) -> None:
    known = json.loads(file.read_text(encoding="utf-8"))
    if not settings.items() <= known.items():
        write_bytes(file, json.dumps({**known, **settings}, indent=2).encode())
