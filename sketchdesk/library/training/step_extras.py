"""What a training step needs beside the U-Net: a batch that is encoded while training, and a reward that judges."""

from __future__ import annotations

from typing import NamedTuple

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.models.facts import JudgeFacts, ModelFacts

FP32 = 4
"""Bytes of a number; autoencoders and judges are held and computed in it."""
VAE_BYTES_PER_PIXEL = 2560.0
"""Working memory of an autoencoder of 128 channels in fp32, per pixel of the picture."""
ENCODED_PIXELS = 16 * 128 * 128
"""Pixels the engine encodes together, or one picture where that has more."""
DECODED_BYTES = 14_500.0
"""What a decoder of 128 channels holds at its most to be seen through, a pixel, its blocks computed again; measured on
a processor in fp32, without weights' gradients: 12,300 to 16,800 at 128 pixels."""
TINY_BYTES = 3_600.0
"""The same of a tiny decoder of 64 channels, of which nothing is computed again: 2,300 to 4,900."""
LAYER_BYTES, PAIR_BYTES = 68.0, 10.0
"""What a transformer's layer keeps for its gradients: for each token and channel, and for each two tokens and head.

In fp32, twice what Korthikanti et al. count for 16 bits (arXiv 2205.05198).
"""


class Extras(NamedTuple):
    """Bytes of the device's memory."""

    held: float
    """All the time."""
    vae: float
    """Of that, the autoencoder."""
    judging: float
    """Kept for the backward pass, beside what the U-Net keeps."""
    encoding: float
    """While a batch is encoded, when nothing is kept for the backward pass yet."""


def encodes_live(job: TrainJob) -> bool:
    """Tell whether pictures are encoded while training; where none of them can be cropped they are not, in the end."""
    return not (job.streaming or (job.center_crop and job.cache_latents))


def encoding_bytes(facts: ModelFacts, side: int, batch: int | None = None) -> float:
    """Return the working memory of encoding so many pictures of `side` pixels, None for as many as there may be."""
    pixels = ENCODED_PIXELS if batch is None else min(ENCODED_PIXELS, batch * side**2)
    return VAE_BYTES_PER_PIXEL * facts.vae_channels / 128 * max(side**2, pixels)


def step_extras(job: TrainJob, facts: ModelFacts, on_gpu: bool) -> Extras:
    """Return what a job's steps need beside the U-Net."""
    side = job.resolution or facts.sample_size_px
    live, rewarded, judge = encodes_live(job), job.reward_weight > 0, facts.judge
    through_vae = rewarded and not (judge and judge.tiny_parameters)
    # On a processor a reward keeps everything loaded (engine.training.waiting).
    vae = facts.vae_parameters * FP32 if live or through_vae or (rewarded and not on_gpu) else 0
    texts = facts.text_parameters * FP32 if rewarded and not on_gpu and not job.train_text_encoder else 0
    loaded = (judge.clip_parameters + judge.tiny_parameters) * FP32 if rewarded and judge else 0
    return Extras(
        held=vae + texts + loaded, vae=vae,
        judging=job.train_batch_size * _judging_bytes(facts, judge, side) if rewarded else 0,
        encoding=encoding_bytes(facts, side, job.train_batch_size) if live else 0,
    )  # fmt: skip


def _judging_bytes(facts: ModelFacts, judge: JudgeFacts | None, side: int) -> float:
    """Return what one picture takes that is decoded and judged."""
    if judge is None:
        return DECODED_BYTES * facts.vae_channels / 128 * side**2
    if judge.tiny_parameters:
        decoded = TINY_BYTES * judge.tiny_channels / 64
    else:
        decoded = DECODED_BYTES * facts.vae_channels / 128
    seen = judge.tokens * (LAYER_BYTES * judge.width + PAIR_BYTES * judge.heads * judge.tokens)
    return decoded * side**2 + judge.layers * seen
