"""A distillation's settings in the words of a training, whose optimisers, checkpoints and forecasts it uses."""

from __future__ import annotations

from itertools import accumulate

from sketchdesk.contracts.jobs import DistillJob, TrainJob


def as_training(job: DistillJob, resolution: int) -> TrainJob:
    """Return the training that steps, is kept and is saved as this distillation is."""
    return TrainJob(
        model=job.model,
        dataset=job.dataset,
        out_dir=job.out_dir,
        resolution=resolution,
        max_train_steps=max(1, total_steps(job)),
        train_batch_size=job.train_batch_size,
        gradient_accumulation_steps=job.gradient_accumulation_steps,
        gradient_checkpointing=job.gradient_checkpointing,
        learning_rate=job.learning_rate,
        lr_scheduler="cosine",
        lr_warmup_steps=job.lr_warmup_steps,
        optimizer=job.optimizer,
        adam_weight_decay=job.adam_weight_decay,
        max_grad_norm=job.max_grad_norm,
        ema_decay=job.ema_decay,
        seed=job.seed,
        device=job.device,
        precision=job.precision,
        num_threads=job.num_threads,
        resume=job.resume,
        lora_rank=job.lora_rank,
        loss="huber",
        non_finite_limit=job.non_finite_limit,
        checkpointing_steps=job.checkpointing_steps,
    )


def phases_of(job: DistillJob) -> dict[str, int]:
    """Return the phases that have steps, in their order, as StageChanged names them, with their steps."""
    steps = {"reflow": job.reflow_steps, "distillation": job.distil_steps, "matching": job.matching_steps}
    return {name: count for name, count in steps.items() if count}


def begins_of(job: TrainJob | DistillJob) -> tuple[tuple[str, int], ...]:
    """Return the phases of a distillation with the step after which each begins; none of a training."""
    if not isinstance(job, DistillJob):
        return ()
    phases = phases_of(job)
    return tuple(zip(phases, accumulate(phases.values(), initial=0), strict=False))


def total_steps(job: DistillJob) -> int:
    """Return the optimiser steps of all phases."""
    return sum(phases_of(job).values())
