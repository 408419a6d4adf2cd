"""What a student begins as: its teacher, or a model that draws in few steps already."""

from __future__ import annotations

from dataclasses import replace

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.engine import allocator
from sketchdesk.engine.distillation.networks import head_of
from sketchdesk.engine.models.difference import (
    UNetOf,
    Weights,
    check_alike,
    network,
    unet_of,
    with_difference,
)
from sketchdesk.engine.models.parts import Drawn
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.library.distillation.conflicts import says_other, wanted_head
from sketchdesk.library.models.installed import resolve_model


def check_begin(job: DistillJob) -> None:
    """Raise what begun() would, before anything is drawn; of models in folders only the files' heads are read."""
    if job.start:
        with allocator.given_back():
            teacher = unet_of(resolve_model(job.model))
            _start(job, teacher.weights, teacher.drawn)


def begun(job: DistillJob, teacher: StableDiffusion) -> StableDiffusion:
    """Return the teacher, or where the job names a start, the teacher with that model's way of drawing.

    Its U-Net is then the start's; or, where the job says what the start was made from, the teacher's with what the
    start learnt beyond that (models.difference). Raises SketchDeskError: BAD_INPUT where they are of other shapes, or
    the start says something else than the student is to say; as resolve_model and load_stable_diffusion do.
    """
    if not job.start:
        return teacher
    own = teacher.unet.state_dict()
    start, base = _start(job, own, teacher)
    weights = start.weights if base is None else with_difference(own, start.weights, base.weights)
    return replace(
        teacher, unet=network(start.config, weights), rectified_flow=start.drawn.rectified_flow,
        scheduler_config=start.drawn.scheduler_config,
    )  # fmt: skip


def _start(job: DistillJob, own: Weights, teacher: Drawn) -> tuple[UNetOf, UNetOf | None]:
    """Return what the job begins with and what that was made from, where it says so; raises as begun() does."""
    path = resolve_model(job.start)
    start, base = unet_of(path), unet_of(resolve_model(job.start_base)) if job.start_base else None
    check_alike(own, start.weights, *([base.weights] if base else []))
    head, wanted = head_of(start.drawn), wanted_head(job, head_of(teacher))
    if head != wanted:
        raise SketchDeskError(ErrorKind.BAD_INPUT, says_other(str(path), head, wanted))
    return start, base
