"""Saving a tuned model as a folder in diffusers' layout."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import msgspec

from sketchdesk.engine.models.parts import DEFAULTS_FILE, RECTIFIED_FLOW_CLASS, StableDiffusion, as_pipeline


def save_tuned(model: StableDiffusion, parts: Sequence[str], folder: Path) -> None:
    """Write a tuned model as a diffusers folder: the named parts ("unet" …) from memory, the rest as it was.

    What was not trained is copied from the model's own folder, byte for byte, so that no precision is lost; where the
    model came from a single file, all parts are written from memory. The folder appears whole: it is written beside
    its final name, then renamed.
    """
    temporary = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(temporary, ignore_errors=True)
    if model.folder.is_dir():
        kept_out = shutil.ignore_patterns(*parts, "README.md", ".*")
        shutil.copytree(model.folder, temporary, ignore=kept_out)
        for part in parts:
            getattr(model, part).save_pretrained(temporary / part, safe_serialization=True)
    else:
        _save_all(model, temporary)
    (temporary / DEFAULTS_FILE).write_bytes(msgspec.json.encode(model.defaults))
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def _save_all(model: StableDiffusion, folder: Path) -> None:
    as_pipeline(model).save_pretrained(folder, safe_serialization=True)
    if model.rectified_flow:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
        index["_class_name"] = RECTIFIED_FLOW_CLASS
        (folder / "model_index.json").write_text(json.dumps(index, indent=2), encoding="utf-8")
