"""A whole look at a data set, for the page that shows it: its report, and every picture with its caption."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.dataset.captions import CaptionEdits, edits_file, read_edits
from sketchdesk.library.dataset.check import SetFacts, SetReport, Tell, look_through
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.glance import place_of
from sketchdesk.library.dataset.items import Item
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.dataset.token_counts import TokenCounter
from sketchdesk.library.hub.listener import Listener, Nobody
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.installed import resolve_model


@dataclass(frozen=True)
class Survey:
    """What a set holds, and the captions edited here, with which the report was made."""

    facts: SetFacts
    """Of which reports are made when captions change."""
    report: SetReport
    items: Sequence[Item]
    """Every picture, with the set's own caption."""
    edits: CaptionEdits
    captions_file: Path
    """Where the edits are kept."""


def survey(
    job: TrainJob, tell: Tell | None = None, threads: int | None = None, listener: Listener | None = None
) -> Survey:
    """Look through the set a job names, as it would be trained on; captions are counted by its model's tokenizer.

    Reads every picture; a set of the hub is downloaded first, which `listener` hears of. Raises SketchDeskError as
    open_source, read_edits and resolve_model do, and what `tell` and the listener's `check` do.
    """
    name = place_of(job.dataset) or job.dataset
    source = open_source(name, job.image_column, job.caption_column, job.streaming, listener)
    file = Path(job.captions_file) if job.captions_file else edits_file(job.dataset)
    edits = read_edits(file, job.dataset)
    items = list(source.items)
    model = resolve_model(job.model)
    resolution = job.resolution or _own_resolution(model)
    facts = look_through(source, resolution, TokenCounter.of(model), tell, threads)
    report = facts.report(edits.edits, (listener or Nobody()).check)
    return Survey(facts, report, items, edits, file)


def _own_resolution(model: Path) -> int | None:
    """Return the side of a model's own pictures; None, so that none is too small, of one that does not say it."""
    with suppress(SketchDeskError):  # what a set holds can be seen all the same
        return model_facts(model).sample_size_px
    return None


def small_picture(item: Item, side_px: int) -> Image.Image:
    """Return an item's picture as it is trained on, at most so many pixels wide and high.

    Raises OSError, ValueError and what else unreadable_errors() names for one that cannot be read.
    """
    picture = decoded(read_bytes(item.read()))
    picture.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    return picture
