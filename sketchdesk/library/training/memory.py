"""What trainings that are over needed of memory: it tells a forecast of one alike better than any arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from sketchdesk.contracts.jobs import TrainJob

DECIDE = (
    "model", "resolution", "aspect_buckets", "train_batch_size", "gradient_checkpointing", "activation_budget_gib",
    "optimizer", "optimizer_device", "use_ema", "ema_device", "train_text_encoder", "lora_rank", "lora_targets",
    "precision", "fused_step", "bf16_weights", "center_crop", "cache_latents", "reward_clip",
)  # fmt: skip
"""The settings whose values decide what a training needs; of others only a part does (_decisive)."""


class MemoryPeak(Struct, frozen=True, kw_only=True):
    """The most memory that a training held, from its beginning to its end."""

    job: TrainJob
    device: str
    gib: float


def measured_gib(job: TrainJob, device: str, peaks: Sequence[MemoryPeak]) -> float | None:
    """Return the most that a training alike needed on this device; None where there was none."""
    return max((each.gib for each in peaks if each.device == device and are_alike(each.job, job)), default=None)


def are_alike(one: TrainJob, other: TrainJob) -> bool:
    """Tell whether two trainings have in common all that decides what they need."""
    return _decisive(one) == _decisive(other)


def _decisive(job: TrainJob) -> tuple[object, ...]:
    gathers = job.gradient_accumulation_steps > 1  # gradients of several batches wait whole (engine.training.halved)
    passes = job.fused_step and job.max_grad_norm > 0  # there and back twice (engine.training.stepping)
    return (
        *(getattr(job, name) for name in DECIDE), job.reward_weight > 0, len(job.validation_prompts), gathers, passes,
    )  # fmt: skip
