"""What would make a training fit a number of GiB: of all that is worth proposing, what costs least."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import msgspec

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.models.facts import ModelFacts
from sketchdesk.library.training.changes import changes
from sketchdesk.library.training.conflicts import conflicts
from sketchdesk.library.training.forecast import GIB, MEMORY_SHARE, activation_bytes, forecast_memory

EIGHT_BIT = {"adamw": "adamw_8bit", "lion": "lion_8bit"}
"""Optimisers and what does the same with a smaller state."""
KEPT_SHARES = (0.75, 0.5, 0.25)
"""Of what the backward pass needs, how much selective checkpointing is tried with, before it keeps nothing."""
PROPOSED = {"fused_step", "bf16_weights"}
"""What a proposal may set and the engine may refuse."""

Change = dict[str, Any]


def fit_to_memory(
    job: TrainJob, facts: ModelFacts, device: str, memory_gib: float, examples: int = 0, knows_bf16: bool = True
) -> TrainJob | None:
    """Return the job, changed so that it fits; None where nothing makes it fit.

    What hurts least is changed first, and what hurts more only where the rest together does not do: the optimiser in 8
    bits, gradient checkpointing of as little as possible, smaller batches gathered more often, the average in main
    memory or in a file, the optimiser's state in main memory, and last weights in bf16 that step within the backward
    pass. Only then a step may show fewer images. A job that fits comes back as it is; what the engine would refuse is
    never proposed; nor are weights in bf16 where the device does not compute in it.
    """
    limit = memory_gib * MEMORY_SHARE
    for weights, optimiser_place, average in product(_weights(job, knows_bf16), _optimiser_places(job), _averages(job)):
        begun = msgspec.structs.replace(job, **weights, **optimiser_place, **average)
        for tried in _smaller(begun, facts, device):
            fits = forecast_memory(tried, facts, device, examples).high_gib <= limit
            if fits and not PROPOSED & conflicts(tried).keys():
                return tried
    return None


def proposal_lines(job: TrainJob, found: TrainJob | None) -> list[str]:
    """Return what fit_to_memory found for a job in sentences, one a change."""
    if found is None:
        return [_("Nothing makes this training fit. Choose a smaller model, a LoRA or a lower resolution.")]
    if found == job:
        return [_("The training fits as it is.")]
    lines = changes(job, found)
    if found.bf16_weights and not job.bf16_weights:
        lines.append(_("A LoRA would need far less memory than this, and change none of the weights."))
    return lines


def _smaller(job: TrainJob, facts: ModelFacts, device: str) -> Iterator[TrainJob]:
    """Yield the job with all of what costs only time or next to nothing, what hurts least first."""
    together = job.train_batch_size * job.gradient_accumulation_steps
    for batch in _batches(job):
        gathered = 1 if job.fused_step else together // batch
        sized = msgspec.structs.replace(job, train_batch_size=batch, gradient_accumulation_steps=gathered)
        for kept in _checkpointings(sized, facts, device):
            for optimiser in (job.optimizer, EIGHT_BIT.get(job.optimizer)):
                if optimiser:
                    yield msgspec.structs.replace(sized, **kept, optimizer=optimiser)


def _batches(job: TrainJob) -> list[int]:
    """Return the sizes of batches that make up a step; where none are gathered, a step may become smaller."""
    together = job.train_batch_size * job.gradient_accumulation_steps
    largest = together if job.fused_step else job.train_batch_size
    return [size for size in range(largest, 0, -1) if together % size == 0]


def _checkpointings(job: TrainJob, facts: ModelFacts, device: str) -> list[Change]:
    """Return how much may be kept for the backward pass: as now, and less and less."""
    as_now: Change = {}
    # A budget of nothing, not none at all: a line of a file can only say the former.
    nothing: Change = {
        "gradient_checkpointing": True, "activation_budget_gib": None if job.activation_budget_gib is None else 0.0
    }  # fmt: skip
    if job.gradient_checkpointing:
        return [as_now, nothing] if job.activation_budget_gib else [as_now]
    half = job.precision in ("fp16", "bf16") or (job.precision == "auto" and device.startswith("cuda"))
    whole = activation_bytes(job, facts, device, half) / GIB
    some = [{"gradient_checkpointing": True, "activation_budget_gib": round(whole * each, 2)} for each in KEPT_SHARES]
    return [as_now, *(each for each in some if each["activation_budget_gib"] > 0), nothing]


def _averages(job: TrainJob) -> list[Change]:
    places = ["same", "cpu", "disk"]
    return [{"ema_device": place} for place in places[places.index(job.ema_device) :]] if job.use_ema else [{}]


def _optimiser_places(job: TrainJob) -> list[Change]:
    return [{}, {"optimizer_device": "cpu"}] if job.optimizer_device == "same" else [{}]


def _weights(job: TrainJob, knows_bf16: bool) -> list[Change]:
    """Return how the weights may be held; of an adapter they are frozen, and as small as they get."""
    if not knows_bf16 or job.lora_rank or (job.bf16_weights and job.fused_step):
        return [{}]
    return [{}, {"bf16_weights": True, "fused_step": True, "precision": "bf16"}]
