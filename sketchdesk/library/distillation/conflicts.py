"""What does not go together in a distillation, said of the field that has to give way; and what is doubtful."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.library.distillation.settings import total_steps
from sketchdesk.library.distillation.told import FLOWS, Told, told_of


def refuse(job: DistillJob) -> None:
    """Raise SketchDeskError(BAD_INPUT) for a job with conflicts, for the engine; else as told_of does."""
    for reason in conflicts(job, told_of(job)).values():
        raise SketchDeskError(ErrorKind.BAD_INPUT, reason)


def conflicts(job: DistillJob, told: Told | None = None) -> dict[str, str]:
    """Return the fields that exclude each other in a job, each with its reason; the engine refuses these jobs.

    `told` is what its models' files say; without it the teacher is taken for no rectified flow.
    """
    told = told or Told()
    found: dict[str, str] = {}
    if told.inpaints:
        found["model"] = _("An inpainting model cannot be tuned here; choose another one.")
    if job.lora_rank and job.student == "velocity" and told.head != FLOWS:
        found["lora_rank"] = _("A LoRA keeps what the teacher's U-Net says: choose the student “teacher” for it.")
    if job.start and job.lora_rank:
        found["lora_rank"] = _("A LoRA begins at its teacher: leave out either the start or the LoRA.")
    wanted = wanted_head(job, told.head)
    if told.start_head and wanted and told.start_head != wanted:
        found["start"] = says_other(job.start, told.start_head, wanted)
    if not total_steps(job):
        found["reflow_steps"] = _("There is nothing to do: every phase has 0 steps.")
    if job.student == "teacher" and job.student_steps < told.windows:
        text = _("This sampler cannot draw in {steps} steps with this model.")
        found["student_steps"] = text.format(steps=job.student_steps)
    if job.resolution and told.cell_px and job.resolution % told.cell_px:
        found["resolution"] = _("It must be a multiple of {cell} for this model.").format(cell=told.cell_px)
    return found


def wanted_head(job: DistillJob, teacher: str) -> str:
    """Return what the student's U-Net is to say, given what its teacher's says."""
    return FLOWS if job.student == "velocity" else teacher


def says_other(start: str, head: str, wanted: str) -> str:
    """Return the sentence for a start whose U-Net says something else than the student's is to."""
    sentence = _("“{start}” says “{head}”, and the student is to say “{wanted}”; choose another start, or student.")
    return sentence.format(start=Path(start).name, head=head, wanted=wanted)


def doubts(job: DistillJob) -> dict[str, str]:
    """Return the fields whose value is possible but may not be what was meant, each with a sentence."""
    found: dict[str, str] = {}
    if job.distil_steps and job.student_steps > 1 and not job.matching_steps:
        found["distil_steps"] = _("This phase trains for a single step, and several draw worse after it.")
    if job.final_learning_rate > job.learning_rate:
        found["final_learning_rate"] = _("It is more than the learning rate, which rises to it then.")
    if not job.num_held_out_pairs:
        found["num_held_out_pairs"] = _("Without them nothing is measured while it learns, and there is no report.")
    return found
