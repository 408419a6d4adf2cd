"""What the files of a distillation's models tell, before anything is loaded: it decides what can be made of them."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.files.loose import whole
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.kind import hub_name, kind_of, read_config
from sketchdesk.library.models.perflow import WINDOWS, drawn_by, is_perflow

FLOWS = "velocity"
"""What a rectified flow's U-Net says."""


class Told(Struct, frozen=True, kw_only=True):
    """What is known of a job's teacher and of what the student begins as; the defaults say that it is not."""

    head: str = ""
    """What the teacher's U-Net says: epsilon, v_prediction, sample, or FLOWS."""
    start_head: str = ""
    """The same of the model it begins as."""
    windows: int = 1
    """Of the path it begins on: a PeRFlow draws in no fewer steps."""
    cell_px: int = 0
    """Of how many pixels the teacher's pictures are made up."""
    unet_parameters: int = 0
    inpaints: bool = False
    """Whether the teacher draws only with a picture and a mask."""


def told_of(job: DistillJob) -> Told:
    """Return what the files of a job's models tell. Reads the disk: not for the window's thread.

    Raises SketchDeskError as resolve_model, kind_of and model_facts do.
    """
    path = resolve_model(job.model)
    kind, facts = kind_of(path), model_facts(path)
    begun = resolve_model(job.start) if job.start else path
    begun_kind = kind_of(begun)
    return Told(
        head=head_told(kind.family, kind.prediction_type),
        start_head=head_told(begun_kind.family, begun_kind.prediction_type) if job.start else "",
        windows=_windows(begun, begun_kind.variant), cell_px=facts.cell_px, unet_parameters=facts.unet_parameters,
        inpaints=facts.inpaints,
    )  # fmt: skip


def head_told(family: str, prediction_type: str | None) -> str:
    """Return what a U-Net says, by a model's kind; "" where that is not known.

    A PeRFlow's comes to the noise in what it sees, whatever it is called.
    """
    if family == "instaflow":
        return FLOWS
    if prediction_type in ("v_prediction", "sample"):
        return prediction_type
    return "epsilon" if prediction_type else ""


def _windows(path: Path, variant: str) -> int:
    if path.is_file():
        return WINDOWS if variant.startswith("perflow") else 1
    file = path / "scheduler" / "scheduler_config.json"
    scheduler = drawn_by(read_config(file), hub_name(path)) if file.is_file() else {}
    return (whole(scheduler.get("num_time_windows")) or WINDOWS) if is_perflow(scheduler) else 1
