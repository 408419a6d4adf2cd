"""What is said of an image: names and numbers as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import PureWindowsPath

from PySide6.QtCore import QDateTime, QLocale

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.drawing.fast import fast_name
from sketchdesk.library.drawing.saving_names import saving_name
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.models.samplers import display_name
from sketchdesk.library.wording.drawing_times import drawing_times
from sketchdesk.library.wording.number_words import number, short, signed

CLIP = "cosine"
"""The score that the gallery shows first: how near CLIP finds picture and prompt."""

_SCORES = {
    CLIP: (
        N_("CLIP"),
        N_("CLIP's cosine: how near its model finds picture and prompt. The larger the nearer, at most 1; typical "
           "values differ from model to model."),
    ),
    "colourfulness": (N_("Colourfulness"), N_("How colourful the picture is; black and white is 0.")),
}  # fmt: skip
"""The name and the meaning of every score that is known here."""

Fact = tuple[str, str]
"""A name and a value."""


def score_name(name: str) -> str:
    """Return a score's name as it is shown; one that is not known here keeps its own."""
    return _(_SCORES[name][0]) if name in _SCORES else name


def score_meaning(name: str = CLIP) -> str:
    """Return what a score says, "" for one that is not known here."""
    return _(_SCORES[name][1]) if name in _SCORES else ""


def score_text(value: float) -> str:
    """Return a score's value as reports and tables have it too: the raw number, three decimals."""
    return number(value)


def difference_text(one: float, other: float) -> str:
    """Return how much larger the other score is, with its sign."""
    return signed(other - one)


def clip_text(image: GalleryImage) -> str:
    """Return the image's CLIP score with its name, "" where it has none."""
    return _("CLIP {score}").format(score=score_text(image.scores[CLIP])) if CLIP in image.scores else ""


def badge(image: GalleryImage) -> str:
    """Return what stands in the corner of a cell."""
    return score_text(image.scores[CLIP]) if CLIP in image.scores else ""


def title_of(image: GalleryImage) -> str:
    """Return what an image is called: its prompt, or its file where it does not say."""
    return image.record.prompt if image.record and image.record.prompt else image.path.name


def model_of(image: GalleryImage) -> str:
    """Return the name of the model that drew an image, "" where it does not say."""
    return short_model(image.record.model_label) if image.record else ""


def meaning_of(fact: str) -> str:
    """Return what a fact's name means where it does not say so itself: that of a score."""
    return next((_(meaning) for name, meaning in _SCORES.values() if _(name) == fact), "")


def facts_of(image: GalleryImage) -> list[Fact]:
    """Return everything that is known of how an image was made, and of what it became, in an order to read."""
    facts = [*_scores(image), *(_settings(image.record) if image.record else ())]
    if image.tags:
        facts.append((_("Tags"), ", ".join(image.tags)))
    if image.run:
        facts.append((_("Run"), image.run))
    if image.unsaved:
        facts.append((_("Kept"), _("not yet")))
    facts.append((_("File"), image.path.name))
    return facts


def _scores(image: GalleryImage) -> Iterator[Fact]:
    for name, value in sorted(image.scores.items(), key=lambda item: item[0] != CLIP):
        yield score_name(name), score_text(value)
    if image.caption:
        yield _("Caption"), _("“{caption}”").format(caption=image.caption)


def _settings(record: ImageRecord) -> Iterator[Fact]:
    rows: list[tuple[str, object]] = [
        (_("Model"), short_model(record.model_label)),
        (_("Seed"), record.seed),
        (_("Style prefix"), record.style_prefix),
        (_("Style suffix"), record.style_suffix),
        (_("Negative prompt"), record.negative_prompt),
        (_("Learnt words"), ", ".join(PureWindowsPath(path).stem for path in record.embeddings)),
        (_("Brackets"), _("weigh their words") if record.prompt_weighting and record.has_brackets else None),
        *_source(record),
        (_("Sampler"), display_name(record.sampler)),
        (_("Steps"), record.num_inference_steps),
        (_("Guidance"), None if record.guidance_scale is None else short(record.guidance_scale)),
        (_("Guidance rescale"), short(record.guidance_rescale) if record.guidance_rescale else None),
        (_("Clip skip"), record.clip_skip or None),
        (_("Size"), f"{record.width} × {record.height}"),
        (_("Device"), " · ".join(part for part in (record.device, record.precision) if part)),
        (_("Memory"), ", ".join(saving_name(name) for name in record.memory_savings)),
        (_("Fast, approximate"), ", ".join(fast_name(name) for name in record.fast)),
        (_("Threads"), record.num_threads if record.batch_seeds and record.device == "cpu" else None),
        (_("Batch"), _batch(record)),
        *drawing_times(record),
        (_("Drawn"), _date(record.created)),
        (_("Version"), record.app_version),
    ]
    yield from ((name, str(value)) for name, value in rows if value not in (None, ""))


def _source(record: ImageRecord) -> list[tuple[str, object]]:
    """Return what the picture was drawn from, if it was drawn from one."""
    if not record.init_image:
        return []
    return [
        (_("Drawn from"), PureWindowsPath(record.init_image).name),
        (_("Strength"), short(record.strength)),
        (_("Mask"), PureWindowsPath(record.mask_image).name),
    ]


def _batch(record: ImageRecord) -> str:
    if record.batch_size <= 1:
        return ""
    return _("{place} of {count} drawn together").format(place=record.batch_index + 1, count=record.batch_size)


def _date(iso: str) -> str:
    try:
        moment = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return iso
    return QLocale().toString(
        QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), QLocale.FormatType.ShortFormat
    )
