"""The ladder: ways to draw the same pictures with less memory, each slower than the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

from sketchdesk.contracts.jobs import GenerateJob, MemorySaving
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.offload import OFFLOADS, offload
from sketchdesk.engine.sampling.sliced import slice_attention
from sketchdesk.library.drawing.forecast import Picture, bytes_added, memory_gib, pictures_of, tile_side_px
from sketchdesk.library.models.draw_facts import DrawFacts

SAVINGS: tuple[MemorySaving, ...] = get_args(MemorySaving)

_WORDS: dict[MemorySaving, str] = {
    "sequential_guidance": N_("the prompt and its opposite one after the other"),
    "sliced_attention": N_("attention in slices"),
    "tiled_vae": N_("pictures decoded in tiles"),
    "model_offload": N_("networks on the card by turns"),
    "sequential_offload": N_("layers on the card by turns"),
}


@dataclass(frozen=True)
class Rung:
    """How much is done at once."""

    batch_size: int | None = None
    """None: as many pictures together as is usual for their size."""
    savings: tuple[MemorySaving, ...] = ()

    def lower(self, together: int, guided: bool, offloads: bool = False) -> Rung | None:
        """Return the next rung for `together` pictures that did not fit, or None from the lowest.

        `offloads` says whether the device has a memory of its own, which networks can leave.
        """
        if together > 1:
            return replace(self, batch_size=together // 2)
        useless = {*(() if guided else ("sequential_guidance",)), *(() if offloads else OFFLOADS)}
        for saving in SAVINGS:
            if saving not in self.savings and saving not in useless:
                return replace(self, savings=(*self.savings, saving))
        return None

    @property
    def words(self) -> str:
        """What is done, for a notice."""
        size = self.batch_size
        batch = [ngettext("{count} picture at a time", "{count} pictures at a time", size).format(count=size)] if (
            size
        ) else []
        return "; ".join([*batch, *(_(_WORDS[saving]) for saving in self.savings)])


def first_rung(job: GenerateJob, offloads: bool) -> Rung:
    """Return the rung that the person asked for, as far as it is of use on the device."""
    return Rung(job.batch_size, tuple(one for one in job.memory_savings if offloads or one not in OFFLOADS))


def fitting(
    job: GenerateJob, facts: DrawFacts, precision: str, budget_gib: float, offloads: bool = False
) -> tuple[Rung, float | None]:
    """Return the highest rung whose forecast fits into the memory there is, else the lowest, and that forecast.

    The forecast is None for a model whose files do not say how large it is; then nothing is saved beforehand.
    """
    rung = first_rung(job, offloads)
    pictures = list(pictures_of(job, facts))
    guided = any(picture.guided for picture in pictures)
    added_bytes = bytes_added(job)
    while True:
        needed = memory_gib(pictures, facts, precision, rung.batch_size, rung.savings, added_bytes)
        if needed is None or needed <= budget_gib:
            return rung, needed
        lower = rung.lower(_together(pictures, rung), guided, offloads)
        if lower is None:
            return rung, needed
        rung = lower


def apply(model: StableDiffusion, savings: Sequence[MemorySaving]) -> None:
    """Set a loaded model to save memory in these ways and in no others."""
    slice_attention(model.unet, "sliced_attention" in savings)
    tiled = "tiled_vae" in savings
    model.vae.use_tiling = tiled
    if tiled:
        cell = model.vae_scale_factor
        side = tile_side_px(model.sample_size_px, cell)
        model.vae.tile_sample_min_size, model.vae.tile_latent_min_size = side, side // cell
    offload(model, savings)


def _together(pictures: Sequence[Picture], rung: Rung) -> int:
    return max((picture.together(rung.batch_size) for picture in pictures), default=1)
