"""From a job to its training set: open the source, look at every picture, encode what can be encoded beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.left_out import tell_left_out
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.encoding import encode, to_pixels, together
from sketchdesk.engine.training.examples import (
    AS_IT_IS,
    CachedLatents,
    Example,
    LiveLatents,
    TrainingSet,
    row_name,
    shown_picture,
)
from sketchdesk.engine.training.row_store import RowStore, key_of, weights_hash
from sketchdesk.library.dataset.captions import edited, read_edits
from sketchdesk.library.dataset.flaws import ABOUT, Finding
from sketchdesk.library.dataset.items import Picture, Source, unreadable_set
from sketchdesk.library.dataset.looking import FactsMemory, Looked, look_at
from sketchdesk.library.dataset.shapes import Shape, buckets, is_cropped, shape_for
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.hub.listener import Listener
from sketchdesk.library.paths import cache_dir

STEP = 16
"""Pictures between two signs of life."""
LIVE_THREADS = 4
VERSION = 1
"""Of how latents are made; others are made anew."""


def find(job: TrainJob, listener: Listener | None = None) -> Source:
    """Return the pictures with captions that the job names; `listener` hears of what has to be downloaded for it.

    Raises SketchDeskError as `open_source` does.
    """
    source = open_source(job.dataset, job.image_column, job.caption_column, job.streaming, listener)
    if job.captions_file:
        source = edited(source, read_edits(Path(job.captions_file)))
    return source.captioned(job.max_train_samples)


def prepare(
    job: TrainJob, source: Source, model: StableDiffusion, resolution: int, reporter: Reporter
) -> TrainingSet:
    """Return what the job trains on, encoded beforehand where that is possible.

    What cannot be used is named in notices. Raises SketchDeskError(DATASET_UNREADABLE) where nothing can.
    """
    square = Shape(resolution, resolution)
    shapes = buckets(resolution, bucket_step_px(model)) if job.aspect_buckets else (square,)
    factor = float(model.vae.config.scaling_factor)
    wants_live = not (job.center_crop and job.cache_latents)
    if wants_live and source.streamed:
        reporter.notice(
            _("A streamed data set is read once: its pictures are cropped at their centre and kept as latents.")
        )
    elif wants_live:
        examples = [example for example, _looked in _examples(source, shapes, reporter)]
        if not job.cache_latents or any(example.is_cropped for example in examples):
            if job.cache_latents:
                reporter.notice(
                    _("Pictures are cropped elsewhere each time they are shown, so they are encoded while training, "
                      "which is slower. With the centre crop they would be encoded once.")
                )  # fmt: skip
            latents = LiveLatents(model, min(LIVE_THREADS, job.train_batch_size))
            return TrainingSet(examples, latents, factor, job.center_crop, job.random_flip)
    views = (False, True) if job.random_flip else (False,)
    examples, rows = _encoded(_examples(source, shapes, reporter, tells=not wants_live), model, views, reporter)
    return TrainingSet(examples, CachedLatents(rows), factor, center_crop=True, random_flip=job.random_flip)


def bucket_step_px(model: StableDiffusion) -> int:
    """Return what the sides of its pictures must be whole multiples of, so that the U-Net's halvings come out."""
    return model.vae_scale_factor * 2 ** (len(model.unet.config.block_out_channels) - 1)


def _examples(
    source: Source, shapes: Sequence[Shape], reporter: Reporter, tells: bool = True
) -> Iterator[tuple[Example, Looked]]:
    """Yield every picture that can be used; name the others, unless they were named before."""
    left_out = list(source.left_out)
    found = 0
    for done, looked in enumerate(look_at(source.items, FactsMemory(source.name)), 1):
        facts = looked.facts
        if facts.is_usable:
            found += 1
            yield _example(looked, shapes, source.streamed), looked
        else:
            flaw = next(flaw for flaw in facts.flaws if ABOUT[flaw].fate == "skipped")
            left_out.append(Finding(looked.item.key, flaw, facts.reason))
        if done % STEP == 0 or done == source.count:
            reporter.step(done, source.count or done)
    if tells:
        tell_left_out(left_out, reporter)
    if not found:
        raise unreadable_set(source.name, "no readable image")


def _example(looked: Looked, shapes: Sequence[Shape], streamed: bool) -> Example:
    facts, item = looked.facts, looked.item
    shape = shape_for(facts.width, facts.height, shapes)
    if streamed:  # else every picture would stay in memory
        item = item._replace(read=_gone)
    return Example(item, facts.digest, facts.look, shape, is_cropped(facts.width, facts.height, shape))


def _gone() -> Picture:
    raise OSError("a streamed picture is read once")


def _encoded(
    found: Iterator[tuple[Example, Looked]], model: StableDiffusion, views: Sequence[bool], reporter: Reporter
) -> tuple[list[Example], RowStore]:
    """Return the examples and their rows; those that were not on disk yet are encoded, as many together as fit."""
    rows = RowStore(cache_dir() / "latents" / _key(model), teller(reporter))
    known = rows.names()
    examples: list[Example] = []
    waiting: dict[Shape, list[tuple[Example, Image.Image]]] = {}
    for example, looked in found:
        examples.append(example)
        if all(row_name(example, flipped) in known for flipped in views):
            continue
        batch = waiting.setdefault(example.shape, [])
        batch.append((example, shown_picture(looked.picture(), example.shape, AS_IT_IS)))
        if len(batch) == together(example.shape):
            _encode(waiting.pop(example.shape), model, views, rows)
    for batch in waiting.values():
        _encode(batch, model, views, rows)
    rows.flush()
    return examples, rows


def _encode(
    batch: Sequence[tuple[Example, Image.Image]], model: StableDiffusion, views: Sequence[bool], rows: RowStore
) -> None:
    pixels = to_pixels([picture for _example, picture in batch])
    for flipped in views:
        mean, logvar = encode(model, pixels.flip(-1) if flipped else pixels)
        rows.add([row_name(example, flipped) for example, _picture in batch], {"mean": mean, "logvar": logvar})


def _key(model: StableDiffusion) -> str:
    """Return what names a model's latents: its autoencoder, what computes them, and how they are made."""
    return key_of([VERSION, weights_hash(model.vae), model.vae.dtype, model.device.type])


def teller(reporter: Reporter) -> Callable[[SketchDeskError | Path], None]:
    """Return what tells of a cache's troubles: none of them ends a run."""

    def tell(trouble: SketchDeskError | Path) -> None:
        if isinstance(trouble, SketchDeskError):
            text = _("What was encoded cannot be kept for later runs: {reason}").format(reason=trouble.message)
        else:
            text = _("A damaged file of encoded pictures or captions was thrown away; they are encoded again.")
        reporter.notice(text, "warning")

    return tell
