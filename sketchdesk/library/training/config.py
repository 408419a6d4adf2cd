"""A training's settings in a TOML file; see library.config_file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.config_file import DEMO_DATASETS, read_config

__all__ = ["DEMO_DATASETS", "REQUIRED", "read_train_job"]

REQUIRED = ("model", "dataset")


def read_train_job(path: Path, overrides: Sequence[str], out_dir: Path | None, resume: bool) -> TrainJob:
    """Read a training from CONFIG.toml; arguments and errors are those of read_config."""
    return read_config(TrainJob, REQUIRED, path, overrides, out_dir, resume)
