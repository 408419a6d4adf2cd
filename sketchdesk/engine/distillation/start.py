"""What a student begins as: its teacher, or a model that draws in few steps already."""

from __future__ import annotations

from dataclasses import replace

import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.distillation.networks import head_of
from sketchdesk.engine.models.difference import check_alike, with_difference
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.library.models.installed import resolve_model


def begun(job: DistillJob, teacher: StableDiffusion) -> StableDiffusion:
    """Return the teacher, or where the job names a start, the teacher with that model's way of drawing.

    Its U-Net is then the start's; or, where the job says what the start was made from, the teacher's with what the
    start learnt beyond that (models.difference). Raises SketchDeskError: BAD_INPUT where they are of other shapes, or
    the start says something else than the student is to say; as resolve_model and load_stable_diffusion do.
    """
    if not job.start:
        return teacher
    if job.lora_rank:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT, _("A LoRA begins at its teacher: leave out either the start or the LoRA.")
        )
    start, own = _loaded(job.start), teacher.unet.state_dict()
    if job.start_base:
        base = _loaded(job.start_base)
        start.unet.load_state_dict(with_difference(own, start.unet.state_dict(), base.unet.state_dict()))
    check_alike(start.unet.state_dict(), own)
    wanted = "velocity" if job.student == "velocity" else head_of(teacher)
    if head_of(start) != wanted:
        sentence = _("“{start}” says “{head}”, and the student is to say “{wanted}”; choose another start, or student.")
        text = sentence.format(start=start.folder.name, head=head_of(start), wanted=wanted)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text)
    return replace(teacher, unet=start.unet, rectified_flow=start.rectified_flow)


def _loaded(name: str) -> StableDiffusion:
    return load_stable_diffusion(resolve_model(name), torch.device("cpu"), torch.float32)
