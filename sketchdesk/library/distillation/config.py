"""A distillation's settings in a TOML file, read (see library.config_file) and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.config_file import read_config
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.training.recipes import toml_text

REQUIRED = ("model",)
PERSONAL = ("out_dir", "resume")
"""Fields that belong to one run and to no recipe."""


def read_distill_job(path: Path, overrides: Sequence[str], out_dir: Path | None, resume: bool) -> DistillJob:
    """Read a distillation from CONFIG.toml; arguments and errors are those of read_config."""
    return read_config(DistillJob, REQUIRED, path, overrides, out_dir, resume)


def write_distill_job(path: Path, job: DistillJob) -> None:
    """Write distill_text. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_text(path, distill_text(job))


def distill_text(job: DistillJob) -> str:
    """Return the settings that are not the defaults as TOML."""
    return toml_text(job, DistillJob(model="", out_dir=""), PERSONAL)
