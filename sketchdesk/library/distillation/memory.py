"""What a distillation needs of its device's memory, by arithmetic: loading, drawing, training and looking in turn."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.distillation.likeness_work import likeness_bytes
from sketchdesk.library.distillation.settings import as_training
from sketchdesk.library.distillation.time import Reckoner, is_guided
from sketchdesk.library.drawing import forecast as forecast_draw
from sketchdesk.library.models.facts import ModelFacts
from sketchdesk.library.training.forecast import (
    ACTIVATION_RANGE,
    FRAGMENTATION,
    GIB,
    MemoryForecast,
    forecast_memory,
    lora_parameters,
)
from sketchdesk.library.training.step_extras import ENCODED_PIXELS, FP32, VAE_BYTES_PER_PIXEL


class Needs(NamedTuple):
    """GiB at the most that is held."""

    low: float
    likely: float
    """To be compared with what was measured."""
    high: float


def memory_needs(known: Reckoner, facts: ModelFacts, captions: int) -> Needs:
    """Return what drawing pairs, training or looking needs, whichever is most, of so many different captions.

    Training is a training beside which the VAE stays, and the text encoder in main memory where LoRAs changed it;
    matching adds the teacher's U-Net, unless a LoRA is trained over it, and a critic's adapters with their gradients
    and two moments.
    """
    job, on_gpu = known.job, known.device.startswith("cuda")
    # Nothing but pairs is trained on, which need no encoding.
    train = msgspec.structs.replace(
        as_training(job, known.side), precision=known.precision, center_crop=True, cache_latents=True
    )
    memory = forecast_memory(train, facts, known.device, captions)
    beside = facts.vae_parameters * FP32 + (facts.text_parameters * FP32 if job.loras and not on_gpu else 0)
    if job.matching_steps:
        critic = msgspec.structs.replace(train, lora_rank=job.critic_rank, lora_targets="attention")
        teacher = 0 if job.lora_rank else facts.unet_parameters * (FP32 if known.precision == "fp32" else 2)
        beside += lora_parameters(critic, facts) * 4 * FP32 + teacher
    other = max(_pairs_gib(known), _looking_gib(known, facts, memory, beside / GIB))
    if not on_gpu:  # there all is loaded at once
        other = max(other, facts.parameters * FP32 / GIB + memory.other_gib)
    kept = memory.weights_gib + memory.gradients_gib + memory.optimiser_gib + memory.ema_gib + memory.other_gib
    beside_gib = (beside + likeness_bytes(job, facts, known.side)) / GIB
    least, most = ACTIVATION_RANGE
    low, likely, high = (kept + share * memory.activations_gib for share in (least, 1, most))
    totals = (low + beside_gib, likely + beside_gib, high * FRAGMENTATION + beside_gib)
    return Needs(*(max(total, other) for total in totals))


def _pairs_gib(known: Reckoner) -> float:
    """Return what drawing the pairs holds: nothing is decoded."""
    undecoded = msgspec.structs.replace(known.drawing, vae_channels=0)
    return forecast_draw.memory_gib([_picture(known)], undecoded, known.precision, known.job.pairs_batch_size) or 0.0


def _looking_gib(known: Reckoner, facts: ModelFacts, memory: MemoryForecast, beside_gib: float) -> float:
    """Return what is held while the held-out pairs are measured, or prompts are drawn; 0 where there are neither.

    First the teacher is asked, in fp32 and with guidance, before anything is trained; then the student, beside all that
    a training keeps but gradients. Averages change places with weights, and need no room.
    """
    job, pixels = known.job, known.side**2
    decoded = min(job.pairs_batch_size, len(job.validation_prompts)) * pixels
    if job.num_held_out_pairs:
        decoded = max(decoded, pixels, min(ENCODED_PIXELS, job.pairs_batch_size * pixels))  # as many as are encoded
    if not decoded:
        return 0.0
    decoding = decoded * VAE_BYTES_PER_PIXEL * facts.vae_channels / 128
    halved = known.precision != "fp32"
    copied = facts.unet_parameters * (FP32 + (2 if halved else 0))  # with the copies that autocast keeps of weights
    cells = min(job.pairs_batch_size, _looked_at(job)) * pixels // known.drawing.cell_px**2
    passing = cells * known.drawing.unet_channels * forecast_draw.UNET_COPIES * (2 if halved else FP32)
    asked = copied + facts.vae_parameters * FP32
    passes = 2 if is_guided(job, known.drawing) else 1
    first = memory.other_gib + (asked + max(passes * passing, decoding)) / GIB
    weights = memory.weights_gib if job.lora_rank else max(memory.weights_gib, copied / GIB)
    kept = weights + memory.optimiser_gib + memory.ema_gib + memory.other_gib + beside_gib
    return max(first, kept + max(passing, decoding) / GIB)


def _looked_at(job: DistillJob) -> int:
    """Return how many pictures are drawn for a look, those of one kind together."""
    return max(job.num_held_out_pairs, len(job.validation_prompts))


def _picture(known: Reckoner) -> forecast_draw.Picture:
    return forecast_draw.Picture(
        count=known.job.num_pairs, steps=1, guided=is_guided(known.job, known.drawing), sampler="", width=known.side,
        height=known.side,
    )  # fmt: skip
