"""The ways to a few-step model that are offered ready-made, and how one begins and is drawn with.

Each has numbers for small teachers, of the demo's size, and for large ones, of Stable Diffusion's. The large ones
follow what was published, cut to what a day on one card allows: 5e-6 for whole networks with an 8-bit optimiser is
Rectified Diffusion's rate (Wang et al., 2410.07303), 1e-4 for a LoRA of rank 64 that of diffusers' script for
LCM-LoRAs, and matching in batches of 16 SwiftBrush's (Nguyen and Tran, 2312.05239). 64 pictures a step are gathered
from small batches with gradient checkpointing; an average with a decay of 0.999 goes back about a thousand steps.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from sketchdesk.contracts.jobs import DistillJob, LoraUse, Sampler, StudyJob, StudyModel
from sketchdesk.library.evaluation.study_making import FEW, few_steps_study
from sketchdesk.library.evaluation.study_presets import REPORT_PROMPTS
from sketchdesk.library.models.few_steps import few_steps_of
from sketchdesk.library.models.installed import SHIPPED, ModelEntry
from sketchdesk.library.models.lineage import training_of
from sketchdesk.library.models.samplers import OF_THEIR_OWN
from sketchdesk.library.training.train_runs import Training

WayName = Literal["one_step", "teacher_head", "matching"]

Size = Literal["small", "large"]
"""Of a teacher."""

LARGE_PARAMETERS = 100_000_000
"""A U-Net with so many is large: the demo's has a tenth, Stable Diffusion's nine times as many."""

ONE_STEP: dict[str, Any] = {
    name: getattr(DistillJob(model="", out_dir=""), name)
    for name in (
        "student", "lora_rank", "reflow_steps", "distil_steps", "matching_steps", "student_steps", "train_batch_size",
        "gradient_accumulation_steps", "gradient_checkpointing", "learning_rate", "final_learning_rate", "optimizer",
        "ema_decay",
    )
}  # fmt: skip
"""What decides a way, as a job has it that names nothing: InstaFlow's recipe for a small teacher."""
LARGE: dict[str, Any] = ONE_STEP | {
    "reflow_steps": 3_000, "distil_steps": 1_500, "train_batch_size": 8, "gradient_accumulation_steps": 8,
    "gradient_checkpointing": True, "learning_rate": 5e-6, "final_learning_rate": 2.5e-6, "optimizer": "adamw_8bit",
    "ema_decay": 0.999,
}  # fmt: skip
# Rectified Diffusion: a straight path needs no last phase for several steps, which one for a single step undoes.
SEVERAL: dict[str, Any] = {"student": "teacher", "distil_steps": 0, "student_steps": 4}
# Trajectory distribution matching with a LoRA critic, begun from a short reflow of the pairs.
MATCHED: dict[str, Any] = SEVERAL | {
    "lora_rank": 64, "reflow_steps": 500, "learning_rate": 1e-4, "final_learning_rate": 1e-5,
}  # fmt: skip
WAYS: dict[WayName, dict[Size, dict[str, Any]]] = {
    "one_step": {"small": ONE_STEP, "large": LARGE},
    "teacher_head": {
        "small": ONE_STEP | SEVERAL | {"reflow_steps": 2_500}, "large": LARGE | SEVERAL | {"reflow_steps": 4_500},
    },
    "matching": {
        "small": ONE_STEP | MATCHED | {"matching_steps": 1_000, "train_batch_size": 16},
        "large": LARGE | MATCHED
        | {"matching_steps": 2_000, "train_batch_size": 4, "gradient_accumulation_steps": 4},
    },
}  # fmt: skip
LORA_SAMPLER: Final = "tcd"
"""The sampler whose few timesteps a LoRA learns: they begin at the noisiest one, whatever its base's settings say."""
UNGUIDED = 1.0
DEMO_COLOURS = "demo-colour"
"""What the shipped base was trained on, by the name of its data set."""
WATCHED = 3
"""So many prompts are drawn by teacher and student side by side where nothing says which."""


class StudentDrawing(msgspec.Struct, frozen=True, kw_only=True):
    """How the outcome of a distillation is drawn with; a LoRA with its teacher and the LoRAs that this had."""

    model: str
    loras: tuple[LoraUse, ...]
    num_inference_steps: int
    guidance_scale: float
    sampler: Sampler | None


def size_of(unet_parameters: int) -> Size:
    """Return what a teacher counts as, by the numbers in its U-Net."""
    return "large" if unet_parameters >= LARGE_PARAMETERS else "small"


def with_way(job: DistillJob, way: WayName, size: Size = "small") -> DistillJob:
    """Return the job made the ready-made way for a teacher of that size; captions, pairs and everything else stay."""
    return msgspec.structs.replace(job, **WAYS[way][size])


def fitted(job: DistillJob, size: Size, to: Size) -> DistillJob:
    """Return the job, whose way was offered for a teacher of one size, for one of another; what differs is kept."""
    before, after = (WAYS[way_of(job)][each] for each in (size, to))
    changed = {name: after[name] for name, value in before.items() if getattr(job, name) == value}
    return msgspec.structs.replace(job, **changed)


def way_of(job: DistillJob) -> WayName:
    """Return the way whose kind of student a job makes, however its numbers differ from the ready-made ones."""
    if job.lora_rank or job.matching_steps:
        return "matching"
    return "teacher_head" if job.student == "teacher" else "one_step"


def is_ready_made(job: DistillJob, size: Size = "small") -> bool:
    """Tell whether the job has all settings of its way as they are offered for a teacher of that size."""
    return with_way(job, way_of(job), size) == job


def begun_with(training: Training) -> DistillJob:
    """Return the distillation of what a training has made, on its data set's captions; of a distillation, its own."""
    job = training.job
    if isinstance(job, DistillJob):
        return msgspec.structs.replace(job, out_dir="", pairs_dir="", resume=False)
    model, loras = str(training.model or job.model), tuple[LoraUse, ...]()
    if training.lora:
        model, loras = job.model, (LoraUse(path=str(training.lora)),)
    return DistillJob(
        model=model, out_dir="", loras=loras, dataset=job.dataset, captions_file=job.captions_file,
        validation_prompts=job.validation_prompts or tuple(drawn for _asked, drawn in REPORT_PROMPTS[:WATCHED]),
    )  # fmt: skip


def begun_with_model(entry: ModelEntry) -> DistillJob:
    """Return the distillation of a model, on the captions it was trained on where it was trained here.

    A shipped model's are the demo's; another's have to be named. Reads the runs: not for the window's thread.
    """
    job = training_of(entry.path.parent) if entry.origin == "own" else None
    watched = job.validation_prompts if job else ()
    shipped = entry.path.name in SHIPPED
    return DistillJob(
        model=entry.path.name if shipped else entry.name, out_dir="",
        dataset=job.dataset if job else DEMO_COLOURS if shipped else "",
        captions_file=job.captions_file if job else "",
        validation_prompts=watched or tuple(drawn for _asked, drawn in REPORT_PROMPTS[:WATCHED]),
    )  # fmt: skip


def drawing_of(training: Training) -> StudentDrawing | None:
    """Return how to draw with the student a run has made, in its own few steps, without guidance; None without one."""
    job = training.job
    if not isinstance(job, DistillJob) or not (training.model or training.lora):
        return None
    plain = StudentDrawing(
        model=str(training.model), loras=(), num_inference_steps=job.student_steps, guidance_scale=UNGUIDED,
        sampler=None,
    )  # fmt: skip
    if not training.lora:
        return plain
    told = few_steps_of(str(training.lora))
    its_own = job.student != "teacher" or (told is not None and told.sampler in OF_THEIR_OWN)
    return msgspec.structs.replace(
        plain, model=job.model, loras=(*job.loras, LoraUse(path=str(training.lora))),
        sampler=None if its_own else LORA_SAMPLER,
    )  # fmt: skip


def study_of(training: Training) -> StudyJob | None:
    """Return the study of a run's student against its teacher, which draws in many steps; None as for drawing_of."""
    drawing, job = drawing_of(training), training.job
    if drawing is None or not isinstance(job, DistillJob):
        return None
    few = StudyModel(
        name=FEW, model=drawing.model, loras=drawing.loras, sampler=drawing.sampler,
        num_inference_steps=drawing.num_inference_steps, guidance_scale=drawing.guidance_scale,
    )  # fmt: skip
    study = few_steps_study(job.model, few)
    teacher, student = study.models
    return msgspec.structs.replace(study, models=(msgspec.structs.replace(teacher, loras=job.loras), student))
