"""What a student begins as: its teacher, or a model that draws in few steps already."""

from __future__ import annotations

from dataclasses import replace

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.distillation.networks import head_of
from sketchdesk.engine.models.difference import check_alike, network, unet_of, with_difference
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
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
    path = resolve_model(job.start)
    start, own = unet_of(path), teacher.unet.state_dict()
    weights = start.weights
    if job.start_base:
        weights = with_difference(own, weights, unet_of(resolve_model(job.start_base)).weights)
    check_alike(weights, own)
    wanted = "velocity" if job.student == "velocity" else head_of(teacher)
    if head_of(start.drawn) != wanted:
        sentence = _("“{start}” says “{head}”, and the student is to say “{wanted}”; choose another start, or student.")
        text = sentence.format(start=path.name, head=head_of(start.drawn), wanted=wanted)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text)
    return replace(
        teacher, unet=network(start.config, weights), rectified_flow=start.drawn.rectified_flow,
        scheduler_config=start.drawn.scheduler_config,
    )  # fmt: skip
