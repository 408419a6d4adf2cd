"""What it costs that a student is judged by the VAE's decoder too: arithmetic in passes of the U-Net, and memory.

Counted by the networks' layers: of convolutions and attention, multiplications and additions, a latent cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.models.facts import ModelFacts

UNET_WORK = 101.0
"""FLOPs a cell, residual block and square of its channels, a block's transformer included: Stable Diffusion's U-Nets,
counted layer by layer."""
FEATURE_BLOCKS = 2
"""Of the decoder's blocks, those whose features are compared."""
FEATURE_PASSES = 3
"""Over them: of what was wanted, of what was drawn, and back, without weights' gradients; one more to keep less."""
PICTURE_PASSES = 4
"""Over the whole decoder for LPIPS, which computes it once more to keep little."""
KEPT_BYTES, RECOMPUTED_BYTES = 36.0, 17.0
"""What features keep for their gradients a cell, residual block and channel: computed once, or twice to keep less.

Of Stable Diffusion's decoder at 256 pixels; in bf16 hardly less than in fp32.
"""
PICTURE_BYTES = 7000.0
"""The same of LPIPS, a pixel, with a decoder of 128 channels; in bf16."""
CONVOLUTION = 18
"""FLOPs of a 3 × 3 convolution a cell, for each pair of channels."""


def compares(job: DistillJob) -> bool:
    """Tell whether any phase compares pictures with those of pairs."""
    return job.feature_weight > 0 and bool(job.distil_steps or (job.matching_steps and job.matching_pairs_weight))


def likeness_passes(job: DistillJob, facts: ModelFacts, side: int) -> float:
    """Return how many passes of the U-Net the likeness of one picture of `side` pixels is worth; 0 where none is asked.

    VGG's own are left out: a twentieth of the decoder's.
    """
    if not compares(job):
        return 0.0
    blocks, passes = (FEATURE_BLOCKS, FEATURE_PASSES + job.gradient_checkpointing)
    if job.lpips_weights:
        blocks, passes = (len(facts.vae_widths), PICTURE_PASSES)
    return passes * sum(_decoder_work(facts, blocks)) / _unet_work(facts, side)


def _decoder_work(facts: ModelFacts, blocks: int) -> Iterator[float]:
    """Yield FLOPs a latent cell: of the decoder's middle, then of each block and what doubles its side."""
    widths = facts.vae_widths[::-1]
    yield 4 * CONVOLUTION * widths[0] ** 2
    for depth, (before, width) in enumerate(pairwise((widths[0], *widths)[: blocks + 1])):
        others = 2 * facts.vae_layers + 1
        yield 4**depth * CONVOLUTION * (before * width + others * width**2)
        if depth + 1 < len(widths):
            yield 4 ** (depth + 1) * CONVOLUTION * width**2


def _unet_work(facts: ModelFacts, side: int) -> float:
    """Return FLOPs a latent cell of one pass."""
    cells, total = (side / facts.cell_px) ** 2, 0.0
    for depth, level in enumerate(facts.levels):
        share = 0.25**depth
        attention = 4 * cells * share * level.channels if level.heads else 0.0
        total += share * level.layers * (UNET_WORK * level.channels**2 + attention)
    return total


def likeness_bytes(job: DistillJob, facts: ModelFacts, side: int) -> float:
    """Return about how much the likeness of a batch of pictures of `side` pixels keeps for its gradients."""
    if not compares(job):
        return 0.0
    if job.lpips_weights:
        return PICTURE_BYTES * facts.vae_channels / 128 * side**2 * job.train_batch_size
    widths = facts.vae_widths[::-1]
    blocks = sum(4.0**depth * (facts.vae_layers + 1) * width for depth, width in enumerate(widths[:FEATURE_BLOCKS]))
    each = RECOMPUTED_BYTES if job.gradient_checkpointing else KEPT_BYTES
    return each * (2 * widths[0] + blocks) * (side / facts.cell_px) ** 2 * job.train_batch_size
