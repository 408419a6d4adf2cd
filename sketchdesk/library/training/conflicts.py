"""What does not go together in a training's settings, said of the field that has to give way; and what is doubtful."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.training.checkpoints import step_of


def refuse(job: TrainJob, precision: str, processes: int = 1) -> None:
    """Raise SketchDeskError(BAD_INPUT) for a job with conflicts, for the engine."""
    for reason in conflicts(job, precision, processes).values():
        raise SketchDeskError(ErrorKind.BAD_INPUT, reason)


def conflicts(job: TrainJob, precision: str | None = None, processes: int = 1) -> dict[str, str]:
    """Return the fields that exclude each other in a job, each with its reason; the engine refuses these jobs.

    `precision` is the one "auto" stands for on the job's device, None where that is not known yet; `processes` is how
    many train together.
    """
    used = job.precision if job.precision != "auto" else precision
    found: dict[str, str] = {}
    if job.fused_step and job.gradient_accumulation_steps > 1:
        found["fused_step"] = _("Stepping within the backward pass keeps no gradients, so none can be gathered.")
    elif job.fused_step and used == "fp16":
        found["fused_step"] = _("Stepping within the backward pass works in bf16 and fp32, not in fp16.")
    elif job.fused_step and processes > 1:
        found["fused_step"] = _(
            "Stepping within the backward pass keeps no gradients that several processes could share."
        )
    if job.bf16_weights and (job.lora_rank or used not in ("bf16", None)):
        found["bf16_weights"] = _("Weights in bf16 are for training whole networks in the precision bf16.")
    begun = fork_step(job)
    if begun is not None and begun >= job.max_train_steps:
        text = _("The checkpoint it goes on from has done {step} steps already.")
        found["max_train_steps"] = text.format(step=begun)
    return found


def doubts(job: TrainJob) -> dict[str, str]:
    """Return the fields whose value is possible but may not be what was meant, each with a sentence."""
    found: dict[str, str] = {}
    if job.reward_weight and job.reward_clip == EvaluateJob(images_dir="", out_dir="").clip_model:
        found["reward_clip"] = _("Evaluations judge with this one too, which flatters the outcome.")
    if job.streaming and not job.center_crop:
        found["streaming"] = _("What is streamed is cropped at its centre.")
    if job.snr_gamma is not None and job.loss_weighting == "velocity":
        found["snr_gamma"] = _("Without effect on a model that predicts noise: its losses are weighed as velocities.")
    return found


def fork_step(job: TrainJob) -> int | None:
    """Return how many steps the checkpoint that a job goes on from has done, None where it begins anew."""
    return step_of(Path(job.fork_from)) if job.fork_from else None
