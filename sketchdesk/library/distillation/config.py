"""A distillation's settings in a TOML file, read (see library.config_file) and written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.config_file import Values, read_config
from sketchdesk.library.distillation.ways import WAYS, size_of
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.training.recipes import toml_text

REQUIRED = ("model",)
WAY = "way"
PERSONAL = ("out_dir", "resume")
"""Fields that belong to one run and to no recipe."""


def read_distill_job(path: Path, overrides: Sequence[str], out_dir: Path | None, resume: bool) -> DistillJob:
    """Read a distillation from CONFIG.toml; arguments and errors are those of read_config.

    The key WAY names a ready-made way: what the file leaves out is as that way has it for a teacher of this size. Its
    files tell the size; raises as resolve_model and model_facts do too.
    """
    return read_config(DistillJob, REQUIRED, path, overrides, out_dir, resume, WAY, _ready_made)


def _ready_made(way: object, values: Values) -> Values:
    """Return the settings of a way. Raises ValueError for a name that none has."""
    if not isinstance(way, str) or way not in WAYS:
        raise ValueError(", ".join(WAYS))
    if "model" not in values:
        return {}  # which is told
    teacher = model_facts(resolve_model(str(values["model"])))
    return dict(WAYS[way][size_of(teacher.unet_parameters)])


def write_distill_job(path: Path, job: DistillJob) -> None:
    """Write distill_text. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_text(path, distill_text(job))


def distill_text(job: DistillJob) -> str:
    """Return the settings that are not the defaults as TOML."""
    return toml_text(job, DistillJob(model="", out_dir=""), PERSONAL)
