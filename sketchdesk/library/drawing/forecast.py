"""What a drawing will cost, before it begins: images, seconds and memory, by arithmetic over what was drawn before."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from sketchdesk.contracts.jobs import GenerateJob, MemorySaving, PromptRow
from sketchdesk.library.drawing.fast import FULL_EVERY, GUIDED_SHARE
from sketchdesk.library.drawing.source_picture import drawn_size
from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.images.metadata import ImageRecord
from sketchdesk.library.images.pictures import picture_size
from sketchdesk.library.index.file import file_of, newest_number
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.models.draw_facts import DrawFacts
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.notes import file_state
from sketchdesk.library.paths import index_file
from sketchdesk.library.settings import load_settings

GIB = 2**30
BATCH_PIXELS = 8 * 128 * 128
"""Pixels the engine denoises together when the job does not say."""

RECENT = 200
"""How many past images are looked at."""
ENOUGH = 32
"""The newest of them that are most alike."""

PASSES = {"heun": 2}
"""Samplers that call the U-Net more than once a step."""

BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}
STRENGTH = 0.75
"""How far a picture is drawn anew when the job does not say."""
RUNTIME_GIB = 0.5
"""The engine itself: Python, torch and the libraries (measured: 0.47 GiB on a CPU)."""
DECODER_COPIES, UNET_COPIES = 8, 50
"""Activations alive at once, in layers of full size: chosen so that the demo (0.70 GiB at batch 8, 128 px, fp32) and
Stable Diffusion 1 (about 3 GiB at 512 px, fp16) come out."""

LARGEST_LAYER = 60_000_000
"""Parameters: no layer of Stable Diffusion has more than its text encoder's table of words, 51 million."""

Basis = Literal["same", "scaled", "none"]


class Picture(Struct, frozen=True, kw_only=True):
    """The settings of some pictures that decide what each of them costs."""

    count: int
    steps: int
    guided: bool
    """Whether the U-Net runs twice a step, for and against the prompt."""
    sampler: str
    """"" for the model's own."""
    width: int
    height: int
    strength: float = 1.0
    """0..1, how much of the steps is gone through."""
    fast: tuple[str, ...] = ()
    """contracts.jobs.FastPart."""

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    def together(self, batch_size: int | None) -> int:
        """How many of them are drawn at once; `batch_size` None lets the engine choose."""
        return min(self.count, batch_size or max(1, BATCH_PIXELS // self.pixels))

    @property
    def work(self) -> float:
        """Denoising work of one picture, in passes of the U-Net over a pixel."""
        steps = max(1, int(self.steps * self.strength))
        passes = 1 + self.guided * (GUIDED_SHARE if "guidance_cutoff" in self.fast else 1)
        whole = 1 / FULL_EVERY if "feature_caching" in self.fast else 1
        return steps * passes * whole * PASSES.get(self.sampler, 1) * self.pixels


class Forecast(Struct, frozen=True, kw_only=True):
    """What to expect of a job."""

    images: int
    seconds: float | None = None
    """None where this model has not drawn on this device yet."""
    basis: Basis = "none"
    """Whether the seconds come from pictures with these very settings, or were scaled from others."""
    memory_gib: float | None = None
    """None where the model's files do not say how large it is."""


def forecast(
    job: GenerateJob, facts: DrawFacts, records: Sequence[ImageRecord], device: str, precision: str
) -> Forecast:
    """Return what a job will cost on a device ("cpu", "cuda:0") in a precision ("fp32", "bf16", "fp16").

    `records` are past images of the job's model, newest first; those drawn on other kinds of devices do not count.
    """
    pictures = list(pictures_of(job, facts))
    images = sum(picture.count for picture in pictures)
    kind = device.partition(":")[0]
    alike = [record for record in records if _counts(record, kind, precision)]
    alike = alike or [record for record in records if _counts(record, kind, "")]
    memory = memory_gib(pictures, facts, precision, job.batch_size, job.memory_savings, bytes_added(job))
    if not alike or not images:
        return Forecast(images=images, memory_gib=memory)
    costs = [(picture.count, *_seconds_each(picture, alike, facts)) for picture in pictures]
    return Forecast(
        images=images,
        seconds=sum(count * seconds for count, seconds, _same in costs),
        basis="same" if all(same for _count, _seconds, same in costs) else "scaled",
        memory_gib=memory,
    )


def pictures_of(job: GenerateJob, facts: DrawFacts) -> Iterator[Picture]:
    """Yield what the rows ask for; those side by side that are alike as one, since they are drawn together.

    A row's own settings come before the job's, the model's fill the rest.
    """
    for alike, rows in groupby(_of_rows(job, facts), lambda picture: msgspec.structs.replace(picture, count=0)):
        yield msgspec.structs.replace(alike, count=sum(picture.count for picture in rows))


def _own_size(job: GenerateJob, facts: DrawFacts) -> tuple[int, int]:
    """Return the size of pictures for which none is asked: the model's, or that of the picture they are drawn from."""
    size = picture_size(Path(job.init_image)) if job.init_image is not None else None
    return drawn_size(size, facts.side_px, facts.cell_px) if size else (facts.side_px, facts.side_px)


def _of_rows(job: GenerateJob, facts: DrawFacts) -> Iterator[Picture]:
    width, height = _own_size(job, facts)
    for row in job.prompts:
        guidance = _first(row.guidance_scale, job.guidance_scale, facts.guidance_scale)
        yield Picture(
            count=images_of(row, job.count),
            steps=row.num_inference_steps or job.num_inference_steps,
            guided=guidance > 1,
            sampler=row.sampler or job.sampler or "",
            width=row.width or job.width or width,
            height=row.height or job.height or height,
            strength=strength_of(job),
            fast=job.fast,
        )


def strength_of(job: GenerateJob) -> float:
    """Return how much of the steps a job goes through, 0..1: all of them, unless it draws from a picture."""
    if job.init_image is None:
        return 1.0
    if job.strength is not None:
        return job.strength
    return STRENGTH if job.mask_image is None else 1.0


def images_of(row: PromptRow, count: int) -> int:
    """Return how many images a row asks for, where the job's count is `count`."""
    return row.count or count


def tile_side_px(side_px: int, cell_px: int) -> int:
    """Return the side of the tiles that pictures are decoded in to save memory, for a model trained on `side_px`.

    Tiles overlap by a quarter, so a side is a multiple of four latent cells.
    """
    return max(2, side_px // (8 * cell_px)) * 4 * cell_px


def memory_gib(
    pictures: Iterable[Picture],
    facts: DrawFacts,
    precision: str,
    batch_size: int | None = None,
    savings: Collection[MemorySaving] = (),
    added_bytes: int = 0,
) -> float | None:
    """Return the memory an engine will hold at most: itself, the weights, and the layers at work; None: not known.

    LoRAs become part of the weights; while they do, before anything is drawn, their files (`added_bytes`) are held too.

    Attention in slices does not count: where it saves anything, the device tells nothing of it beforehand.
    """
    if not facts.parameters:
        return None
    size = BYTES.get(precision, 4)
    tile = tile_side_px(facts.side_px, facts.cell_px) ** 2
    layers = 0
    for picture in pictures:
        batch = picture.together(batch_size)
        decoded = min(picture.pixels, tile) if "tiled_vae" in savings else picture.pixels
        decoder = batch * decoded * facts.vae_channels * DECODER_COPIES
        cells = picture.pixels // facts.cell_px**2
        passes = 2 if picture.guided and "sequential_guidance" not in savings else 1
        unet = batch * passes * cells * facts.unet_channels * UNET_COPIES
        layers = max(layers, decoder, unet)
    weights = facts.parameters
    if "sequential_offload" in savings:
        weights = min(weights, LARGEST_LAYER)
    elif "model_offload" in savings:
        weights = facts.largest_parameters or weights
    return RUNTIME_GIB + (weights * size + max(layers * size, added_bytes)) / GIB


def bytes_added(job: GenerateJob) -> int:
    """Return the size of the files of a job's LoRAs and learnt words; one that is not there counts nothing."""
    found = (locate(name) for name in (*(lora.path for lora in job.loras), *job.embeddings))
    return sum(_size_bytes(path) for path in found if path)


def _size_bytes(path: Path) -> int:
    try:
        return file_state(path)[0]
    except OSError:
        return 0


def past_records(model: str) -> list[ImageRecord]:
    """Return how the model's newest images were made; reads the index, so not in the window's own thread.

    Raises SketchDeskError where the index cannot be opened.
    """
    file = index_file()
    if not file_of(file, newest_number(file)).is_file():
        return []
    with disk_errors(file), ImageIndex(file, [load_settings().images_folder]) as index:
        newest = index.ids(Query(model=model))[:RECENT]
        return [image.record for image in index.images(newest) if image.record is not None]


def _counts(record: ImageRecord, kind: str, precision: str) -> bool:
    same_device = record.device.partition(":")[0] == kind
    return same_device and record.denoise_s > 0 and (not precision or record.precision == precision)


def _seconds_each(picture: Picture, records: Sequence[ImageRecord], facts: DrawFacts) -> tuple[float, bool]:
    """Return the seconds one picture takes, and whether pictures just like it were drawn before."""
    known = [(_picture(record, facts), record) for record in records]
    size = (picture.width, picture.height)
    same_size = [(past, record) for past, record in known if (past.width, past.height) == size]
    same = [(past, record) for past, record in same_size if (past.work, past.fast) == (picture.work, picture.fast)]
    chosen = (same or same_size or known)[:ENOUGH]
    return statistics.median(_scaled(picture, past, record) for past, record in chosen), bool(same)


def _picture(record: ImageRecord, facts: DrawFacts) -> Picture:
    return Picture(
        count=1, steps=record.num_inference_steps or facts.num_inference_steps,
        guided=(record.guidance_scale or 0) > 1, sampler=record.sampler,
        width=record.width or facts.side_px, height=record.height or facts.side_px, strength=record.strength,
        fast=record.fast,
    )  # fmt: skip


def _scaled(picture: Picture, past: Picture, record: ImageRecord) -> float:
    """Return what a past image would have taken with these settings: its share of its batch, by steps and pixels."""
    denoise = record.denoise_s * picture.work / past.work
    decode = record.decode_s * picture.pixels / past.pixels
    return (record.text_s + denoise + decode) / max(1, record.batch_size)


def _first(*values: float | None) -> float:
    return next(value for value in values if value is not None)
