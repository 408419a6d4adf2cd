"""Save and find training checkpoints: a folder appears whole under its final name or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

_NAME = re.compile(r"^checkpoint-(\d+)$")
STATE_FILE = "training_state.pt"


def checkpoints(folder: Path) -> list[tuple[int, Path]]:
    """Return (optimiser step, folder) of every complete checkpoint, oldest first."""
    if not folder.is_dir():
        return []
    found = [(int(m[1]), p) for p in folder.iterdir() if (m := _NAME.match(p.name)) and (p / STATE_FILE).is_file()]
    return sorted(found)


def save_checkpoint(
    folder: Path, step: int, state: dict[str, Any], write_extra: Callable[[Path], None] | None = None, keep: int = 2
) -> Path:
    """Write checkpoint-`step` under `folder` and drop all but the newest `keep`.

    The state (tensors and plain values only, so that it loads with weights_only) is written to a temporary folder,
    synced and renamed; `write_extra` may put further files beside it. Older ones are removed only after the rename.
    """
    final = folder / f"checkpoint-{step}"
    temporary = folder / f".checkpoint-{step}.partial"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    with (temporary / STATE_FILE).open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    if write_extra:
        write_extra(temporary)
    shutil.rmtree(final, ignore_errors=True)
    temporary.rename(final)
    for _, old in checkpoints(folder)[:-keep]:
        shutil.rmtree(old, ignore_errors=True)
    return final


def load_state(checkpoint: Path) -> dict[str, Any]:
    """Return the state saved in a checkpoint folder; no pickled code is run."""
    state: dict[str, Any] = torch.load(checkpoint / STATE_FILE, map_location="cpu", weights_only=True)
    return state
