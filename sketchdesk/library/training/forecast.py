"""What a training will need, before it starts: memory by arithmetic, time by what earlier runs took, disk by files.

Sizes are GiB (2^30 bytes). Weights, gradients, optimiser and average are counted; activations are estimated, so the
memory is a range; what is likely met measurements of the demo model within 10 %.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.models.facts import ModelFacts
from sketchdesk.library.training.memory import are_alike
from sketchdesk.library.training.step_extras import FP32, VAE_BYTES_PER_PIXEL, encodes_live, encoding_bytes, step_extras

GIB = 2**30

OPTIMISER_BYTES = {
    "adamw": 8.0, "adamw_8bit": 2.03, "muon": 4.0, "lion": 4.0, "lion_8bit": 1.02, "adafactor": 1.4,
}  # fmt: skip
"""Bytes of state a parameter: fp32 moments, or of a byte with a scale a block of 256; two of AdamW, one of the others.

Adafactor keeps the means of the last two sides: next to nothing of matrices, two thirds of convolutions of 3 × 3.
"""

VALUES_KEPT = 39.4
"""Numbers kept for the backward pass per latent pixel, channel and residual block.

From Stable Diffusion 2's U-Net: 0.218 MiB a latent pixel in bf16, where channels × blocks, halved twice a level, are
2900.
"""
KEPT_WITH_CHECKPOINTING = 0.165
"""The share of them still kept when the rest is computed again."""
ATTENTION_COPIES = 2
"""Whole attention matrices kept where attention is spelt out: the scores and their softmax."""

PROGRAM_GIB = 0.48
"""The engine itself on a CPU while it trains: Python, torch and diffusers; by tests/benchmarks/train_memory.py."""
CPU_WORKSPACE = 1.3
"""What a CPU holds for a batch beside what is kept for the backward pass; by the same."""
CONTEXT_GIB = 0.5
"""What a CUDA driver takes for itself."""

ACTIVATION_RANGE = (0.7, 1.5)
FRAGMENTATION = 1.1
LARGE_BYTES = 2**28
"""fp32 weights of a network from which on holes count, and its gradients may wait in half the room."""
MEMORY_SHARE = 0.9
"""Of a device's memory, what a training may plan with: the rest belongs to the screen and other programs."""
TIME_MARGIN = 0.15


class MemoryForecast(Struct, frozen=True, kw_only=True):
    """The parts of a training's memory, and between what they will add up to."""

    weights_gib: float
    gradients_gib: float
    optimiser_gib: float
    ema_gib: float
    activations_gib: float
    other_gib: float
    """The program or the driver, cached latents and captions."""
    low_gib: float
    likely_gib: float
    high_gib: float


class DiskForecast(Struct, frozen=True, kw_only=True):
    """What a training will leave on disk, and what it needs for a moment more."""

    checkpoints_gib: float
    model_gib: float
    peak_gib: float
    """With the checkpoint that is written before the oldest is dropped, and with an average that lies in a file."""
    caches_gib: float = 0.0
    """Encoded pictures and captions, which are kept for later runs."""


class Speed(Struct, frozen=True, kw_only=True):
    """How fast an earlier run was, and what decides that."""

    model: str
    device: str
    resolution: int | None
    gradient_checkpointing: bool
    images_per_s: float
    job: TrainJob | None = None
    """The whole of it, where it is known."""
    threads: Threads = Threads()


def trained_parameters(job: TrainJob, facts: ModelFacts) -> int:
    """Return how many numbers the job trains."""
    if job.lora_rank:
        return lora_parameters(job, facts)
    return facts.unet_parameters + (facts.text_parameters if job.train_text_encoder else 0)


def lora_parameters(job: TrainJob, facts: ModelFacts) -> int:
    """Return how many numbers the job's adapters have: the rank times the inputs and outputs of all they adapt.

    Exact for attention and its feed-forward layers in U-Nets of Stable Diffusion's shape, about right for convolutions.
    """
    total = 0
    widths = [level.channels for level in facts.levels for _layer in range(level.layers) if level.heads]
    for width in [*widths, facts.levels[-1].channels]:  # the middle block attends whatever the last level does
        total += 14 * width + 2 * facts.text_width
        total += 14 * width if job.lora_targets != "attention" else 0
        total += 4 * width if job.lora_targets == "all" else 0
    if job.lora_targets == "all":
        total += sum(25 * level.channels * level.layers for level in facts.levels)
    if job.train_text_encoder:
        each = 8 + (10 if job.lora_targets != "attention" else 0)
        total += facts.text_layers * facts.text_width * each
    return total * job.lora_rank


def forecast_memory(job: TrainJob, facts: ModelFacts, device: str, examples: int = 0) -> MemoryForecast:
    """Return what the job needs of its device's memory; `device` as torch names it ("cpu", "cuda:0")."""
    trained = trained_parameters(job, facts)
    on_gpu = device.startswith("cuda")
    half = job.precision in ("fp16", "bf16") or (job.precision == "auto" and on_gpu)
    extras = step_extras(job, facts, on_gpu)
    weights = _weight_bytes(job, facts, half) + extras.held
    gradients = _gradient_bytes(job, trained, halved=half and not on_gpu)
    gathered = gradients if job.gradient_accumulation_steps > 1 else 0
    copies = _copy_bytes(job, facts, half)
    if on_gpu or gathered or trained * FP32 < LARGE_BYTES:
        weights, copies = weights + copies, 0  # beside the gradients: of earlier batches, or in pieces of another size
    optimiser = 0 if on_gpu and job.optimizer_device == "cpu" else trained * OPTIMISER_BYTES[job.optimizer]
    averaged_here = job.use_ema and (job.ema_device == "same" or (job.ema_device == "cpu" and not on_gpu))
    ema = trained * FP32 if averaged_here else 0
    activations = activation_bytes(job, facts, device, half) + extras.judging
    other = CONTEXT_GIB * GIB if on_gpu else PROGRAM_GIB * GIB + _cached_bytes(job, facts, examples)
    kept = weights + optimiser + ema + other
    looking = max(_drawing_bytes(job, facts, on_gpu, kept - extras.held), _encoding_bytes(job, facts, on_gpu, other))

    def backward(share: float) -> float:
        """Gradients take the place of what the backward pass is done with: copies and activations."""
        return max(copies + activations * share, gradients) if copies else gradients + activations * share

    def most(share: float) -> float:
        return max(kept + max(backward(share), gathered + extras.encoding), looking)

    low, likely, high = (most(share) for share in (ACTIVATION_RANGE[0], 1.0, ACTIVATION_RANGE[1]))
    gradients = max(gradients, copies)
    return MemoryForecast(
        weights_gib=weights / GIB, gradients_gib=gradients / GIB, optimiser_gib=optimiser / GIB, ema_gib=ema / GIB,
        activations_gib=activations / GIB, other_gib=other / GIB, low_gib=low / GIB,
        likely_gib=likely / GIB, high_gib=high * FRAGMENTATION / GIB,
    )  # fmt: skip


def _drawing_bytes(job: TrainJob, facts: ModelFacts, on_gpu: bool, trained: float) -> float:
    """Return what drawing the watched prompts takes, `trained` of it for what is trained; 0 where none are drawn.

    An average in fp32 changes places with weights in fp32, and needs no room; of weights in bf16 a copy is kept.
    """
    if not job.validation_prompts:
        return 0.0
    extras, resting = step_extras(job, facts, on_gpu), _resting_bytes(job, facts)
    copied = job.use_ema and job.bf16_weights and not (on_gpu and job.ema_device != "same")
    trained += trained_parameters(job, facts) * 2 if copied else 0
    side = job.resolution or facts.sample_size_px
    drawn = VAE_BYTES_PER_PIXEL * facts.vae_channels / 128 * side**2 * len(job.validation_prompts)
    others = extras.held - extras.vae
    if on_gpu:  # what is not trained waits in main memory, and comes one at a time
        return trained + others + max(resting[0] + drawn, resting[1])
    return trained + max(extras.held, sum(resting)) + drawn


def _encoding_bytes(job: TrainJob, facts: ModelFacts, on_gpu: bool, other: float) -> float:
    """Return what encoding pictures and captions takes, before anything is trained."""
    pictures = encoding_bytes(facts, job.resolution or facts.sample_size_px)
    if not on_gpu:
        return facts.parameters * FP32 + other + pictures
    vae, texts = _resting_bytes(job, facts)
    return other + max(vae + pictures, texts)


def _weight_bytes(job: TrainJob, facts: ModelFacts, half: bool) -> float:
    """Return what the tuned networks are held in."""
    tuned = _tuned(job, facts)
    if job.lora_rank:  # frozen, in the precision they compute in
        return tuned * (2 if half else FP32) + lora_parameters(job, facts) * FP32
    return tuned * (2 if job.bf16_weights else FP32)


def _copy_bytes(job: TrainJob, facts: ModelFacts, half: bool) -> float:
    """Return what autocast's copies of fp32 weights take."""
    return _tuned(job, facts) * 2 if half and not (job.lora_rank or job.bf16_weights) else 0


def _tuned(job: TrainJob, facts: ModelFacts) -> int:
    return facts.unet_parameters + (facts.text_parameters if job.train_text_encoder else 0)


def _gradient_bytes(job: TrainJob, trained: int, halved: bool) -> float:
    """Return what waits for a step; `halved`: where a CPU computes in bf16, a large network's wait in it too."""
    if job.fused_step:  # the largest alone
        return 0
    waits_halved = halved and job.gradient_accumulation_steps == 1 and trained * FP32 >= LARGE_BYTES
    return trained * (2 if job.bf16_weights or (waits_halved and not job.lora_rank) else FP32)


def _resting_bytes(job: TrainJob, facts: ModelFacts) -> tuple[float, float]:
    """Return what the autoencoder takes, and the text encoder where it is not trained."""
    return facts.vae_parameters * FP32, 0.0 if job.train_text_encoder else facts.text_parameters * FP32


def activation_bytes(job: TrainJob, facts: ModelFacts, device: str, half: bool) -> float:
    """Return about how much one batch keeps for its backward pass."""
    side = (job.resolution or facts.sample_size_px) // facts.cell_px
    bytes_each = 2 if half else FP32
    blocks, attention = 0.0, 0.0
    for depth, level in enumerate(facts.levels):
        cells = (side / 2**depth) ** 2
        blocks += cells * level.channels * level.layers
        if not device.startswith("cuda"):  # there attention is computed without ever writing its matrix down
            attention += level.layers * level.heads * cells**2 * ATTENTION_COPIES
    kept = (blocks * VALUES_KEPT + attention) * bytes_each * job.train_batch_size
    if not device.startswith("cuda"):
        kept *= CPU_WORKSPACE
    if not job.gradient_checkpointing:
        return kept
    least = kept * KEPT_WITH_CHECKPOINTING
    budget = job.activation_budget_gib
    return least if budget is None else min(kept, max(least, budget * GIB))


def _cached_bytes(job: TrainJob, facts: ModelFacts, examples: int) -> float:
    """Return what the data set takes of main memory: captions, and latents with their deviations."""
    captions = 0 if job.train_text_encoder else examples * facts.text_tokens * facts.text_width * FP32
    return captions + (0 if encodes_live(job) else examples * _latent_bytes(job, facts))


def _latent_bytes(job: TrainJob, facts: ModelFacts) -> int:
    """Return what is kept of one picture: mean and deviation, mirrored too where it may be shown so."""
    cells = ((job.resolution or facts.sample_size_px) // facts.cell_px) ** 2
    return (2 if job.random_flip else 1) * 2 * cells * facts.latent_channels * FP32


def forecast_disk(job: TrainJob, facts: ModelFacts, examples: int = 0) -> DiskForecast:
    """Return what checkpoints and the tuned model take, and what is encoded of so many examples; "auto" is fp32."""
    trained = trained_parameters(job, facts)
    one = trained * ((2 if job.bf16_weights else FP32) + OPTIMISER_BYTES[job.optimizer] + (FP32 if job.use_ema else 0))
    count = min(job.checkpoints_total_limit, max(1, -(-job.max_train_steps // job.checkpointing_steps)))
    model = 2 * trained * FP32 if job.lora_rank else facts.size_bytes  # a LoRA is saved in two layouts
    caches = 0 if encodes_live(job) else examples * _latent_bytes(job, facts)
    if job.cache_latents and not job.train_text_encoder:
        caches += examples * facts.text_tokens * facts.text_width * (2 if job.precision in ("fp16", "bf16") else FP32)
    average = trained * FP32 if job.use_ema and job.ema_device == "disk" else 0
    return DiskForecast(
        checkpoints_gib=one * count / GIB, model_gib=model / GIB, caches_gib=caches / GIB,
        peak_gib=(one * (count + 1) + model + caches + average) / GIB,
    )  # fmt: skip


def forecast_time(job: TrainJob, device: str, speeds: Sequence[Speed]) -> tuple[float, float] | None:
    """Return between how many seconds the training will take, by runs alike; None where there were none.

    Alike are runs of the same model on the same device at the same resolution, with or without checkpointing as here,
    and on a processor with as many threads; of these only such that have all in common that decides, where there are
    any. Validation, samples and saving come on top.
    """
    found = _known_rates(job, device, speeds)
    if not found:
        found = [speed.images_per_s for speed in speeds if _alike(job, device, speed) and speed.images_per_s > 0]
    if not found:
        return None
    images = job.max_train_steps * job.train_batch_size * job.gradient_accumulation_steps
    return images / max(found) * (1 - TIME_MARGIN), images / min(found) * (1 + TIME_MARGIN)


def known_step_s(job: TrainJob, device: str, speeds: Sequence[Speed]) -> float | None:
    """Return how many seconds a step of this very recipe took on average, None where it was never tried."""
    rates = _known_rates(job, device, speeds)
    images = job.train_batch_size * job.gradient_accumulation_steps
    return sum(images / rate for rate in rates) / len(rates) if rates else None


def _known_rates(job: TrainJob, device: str, speeds: Sequence[Speed]) -> list[float]:
    """Return the images a second of trainings that have in common with a job all that decides."""
    return [
        speed.images_per_s for speed in speeds
        if speed.job is not None and speed.device == device and speed.threads.are_for(job.num_threads, device)
        and speed.images_per_s > 0 and are_alike(speed.job, job)
    ]  # fmt: skip


def _alike(job: TrainJob, device: str, speed: Speed) -> bool:
    measured = (speed.model, speed.device, speed.resolution, speed.gradient_checkpointing)
    wanted = (job.model, device, job.resolution, job.gradient_checkpointing)
    return measured == wanted and speed.threads.are_for(job.num_threads, device)
