"""What is known of a drawing before it begins: read beside the window's thread, said in one line."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.drawing.check import remarks
from sketchdesk.library.drawing.forecast import Forecast, forecast, past_records
from sketchdesk.library.drawing.source_picture import drawn_size
from sketchdesk.library.images.pictures import picture_size
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.added_files import problems_of
from sketchdesk.library.models.draw_facts import DrawFacts, draw_facts
from sketchdesk.library.models.lineage import base_of
from sketchdesk.ui.numbers import number_text
from sketchdesk.workers.background import Background

SETTLE_MS = 120

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Question:
    """What is asked about."""

    job: GenerateJob
    model_path: Path | None
    device: str
    """The device's own name: "auto" resolved where it can be."""
    precision: str


@dataclass(frozen=True)
class ModelStory:
    """What the disk says of a model."""

    facts: DrawFacts = field(default_factory=DrawFacts)
    base: str | None = None
    """The model it was trained from."""
    records: tuple[ImageRecord, ...] = ()
    """How its newest images were made."""


@dataclass(frozen=True)
class Outlook:
    """What is to be expected."""

    model: str
    story: ModelStory
    forecast: Forecast
    problems: Mapping[str, str] = field(default_factory=dict)
    """Why LoRAs and learnt words cannot be used, by their paths."""
    remarks: Mapping[str, str] = field(default_factory=dict)
    """What counts for nothing, by the job's fields."""


class Forecaster(QObject):
    """Answers questions about drawings a moment after they settle; only the last one is answered.

    Signals:
        ready(Outlook): What is to be expected of the last question's job.
    """

    ready = Signal(Outlook)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._question: Question | None = None
        self._stories: dict[tuple[str, Path], ModelStory] = {}
        self._settle = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._settle.timeout.connect(self._ask)

    def ask(self, question: Question) -> None:
        """Ask; an answer to an older question is not given any more."""
        self._question = question
        self._settle.start()

    def forget(self) -> None:
        """What is on disk may have changed: read it again for the next question."""
        self._stories = {}

    def stop(self) -> None:
        """Answer nothing any more."""
        self._settle.stop()

    @Slot()
    def _ask(self) -> None:
        question, stories = self._question, self._stories
        if question is not None:
            self._background.do(lambda: (question, answer(question, stories)), self._tell)

    def _tell(self, found: tuple[Question, Outlook]) -> None:
        question, outlook = found
        if question is self._question:
            self.ready.emit(outlook)


def answer(question: Question, stories: dict[tuple[str, Path], ModelStory]) -> Outlook:
    """Return what is to be expected; `stories` keeps what was read of each model."""
    job, path = question.job, question.model_path
    story = ModelStory()
    if path is not None:
        key = (job.model, path)
        if key not in stories:
            stories[key] = ModelStory(draw_facts(path), base_of(path), _records(job.model))
        story = stories[key]
    return Outlook(
        model=job.model,
        story=story,
        forecast=forecast(_sized(job, story.facts), story.facts, story.records, question.device, question.precision),
        problems=problems_of(job),
        remarks=remarks(job, story.facts),
    )


def _sized(job: GenerateJob, facts: DrawFacts) -> GenerateJob:
    """Return a job that draws from a picture with that picture's size, unless it has one of its own."""
    if job.init_image is None:
        return job
    size = picture_size(Path(job.init_image))
    if size is None:
        return job
    width, height = drawn_size(size, facts.side_px, facts.cell_px)
    return msgspec.structs.replace(job, width=job.width or width, height=job.height or height)


def _records(model: str) -> tuple[ImageRecord, ...]:
    try:
        return tuple(past_records(model))
    except (SketchDeskError, OSError) as error:
        log.warning("past images could not be looked up: %s", error)
        return ()


def outlook_text(told: Forecast, device_gib: float | None) -> str:
    """Return the sentence: "30 images · about 40 s · needs 0.6 GiB of 24 GiB"."""
    parts = [ngettext("{count} image", "{count} images", told.images).format(count=number_text(told.images))]
    if told.seconds is not None:
        parts.append(_("about {time}").format(time=duration_text(told.seconds)))
    if told.memory_gib is not None:
        need = _("{size} GiB").format(size=number_text(told.memory_gib, 1))
        if device_gib is None:
            parts.append(_("needs {need}").format(need=need))
        else:
            all_of_it = _("{size} GiB").format(size=number_text(device_gib))
            parts.append(_("needs {need} of {all}").format(need=need, all=all_of_it))
    return " · ".join(parts)


def duration_text(seconds: float) -> str:
    """Return a time rounded to what matters of an estimate."""
    if seconds < 1:
        return _("1 s")
    if seconds < 90:
        rounded = round(seconds) if seconds < 10 else round(seconds / 5) * 5
        return _("{seconds} s").format(seconds=rounded)
    minutes = round(seconds / 60)
    if minutes < 90:
        return _("{minutes} min").format(minutes=minutes)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)
