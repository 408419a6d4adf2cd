"""What is said of an image: names and numbers as a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.index import GalleryImage
from sketchdesk.library.record import ImageRecord, short_model
from sketchdesk.library.samplers import display_name
from sketchdesk.ui.numbers import number_text

CLIP = "cosine"
"""The score that the gallery shows first: how near CLIP finds picture and prompt."""

_SCORES = {CLIP: N_("CLIP"), "colourfulness": N_("Colourfulness")}

Fact = tuple[str, str]
"""A name and a value."""


def score_name(name: str) -> str:
    """Return a score's name as it is shown; one that is not known here keeps its own."""
    return _(_SCORES[name]) if name in _SCORES else name


def score_text(name: str, value: float) -> str:
    """Return a score's value: CLIP's times a hundred, as its literature has it."""
    return number_text(100 * value if name == CLIP else value, 1)


def difference_text(one: float, other: float) -> str:
    """Return how much larger the other CLIP score is, with its sign."""
    points = round(100 * (other - one), 1)
    return ("−" if points < 0 else "+") + number_text(abs(points), 1)


def badge(image: GalleryImage) -> str:
    """Return what stands in the corner of a cell."""
    return score_text(CLIP, image.scores[CLIP]) if CLIP in image.scores else ""


def title_of(image: GalleryImage) -> str:
    """Return what an image is called: its prompt, or its file where it does not say."""
    return image.record.prompt if image.record and image.record.prompt else image.path.name


def model_of(image: GalleryImage) -> str:
    """Return the name of the model that drew an image, "" where it does not say."""
    return short_model(image.record.model_label) if image.record else ""


def facts_of(image: GalleryImage) -> list[Fact]:
    """Return everything that is known of how an image was made, and of what it became, in an order to read."""
    facts = [*_scores(image), *(_settings(image.record) if image.record else ())]
    if image.run:
        facts.append((_("Run"), image.run))
    facts.append((_("File"), image.path.name))
    return facts


def _scores(image: GalleryImage) -> Iterator[Fact]:
    for name, value in sorted(image.scores.items(), key=lambda item: item[0] != CLIP):
        yield score_name(name), score_text(name, value)
    if image.caption:
        yield _("Caption"), f"“{image.caption}”"


def _settings(record: ImageRecord) -> Iterator[Fact]:
    rows: list[tuple[str, object]] = [
        (_("Model"), short_model(record.model_label)),
        (_("Seed"), record.seed),
        (_("Style prefix"), record.style_prefix),
        (_("Negative prompt"), record.negative_prompt),
        (_("Sampler"), display_name(record.sampler)),
        (_("Steps"), record.num_inference_steps),
        (_("Guidance"), None if record.guidance_scale is None else f"{record.guidance_scale:g}"),
        (_("Size"), f"{record.width} × {record.height}"),
        (_("Device"), " · ".join(part for part in (record.device, record.precision) if part)),
        (_("Threads"), record.num_threads if record.batch_seeds and record.device == "cpu" else None),
        (_("Batch"), _batch(record)),
        (_("Time"), _time(record)),
        (_("Drawn"), _date(record.created)),
        (_("Version"), record.app_version),
    ]
    yield from ((name, str(value)) for name, value in rows if value not in (None, ""))


def _batch(record: ImageRecord) -> str:
    if record.batch_size <= 1:
        return ""
    return _("{place} of {count} drawn together").format(place=record.batch_index + 1, count=record.batch_size)


def _time(record: ImageRecord) -> str:
    """Return the batch's time; a picture's share of it is not known."""
    seconds = record.text_s + record.denoise_s + record.decode_s
    if not seconds:
        return ""
    return _("{seconds} s (denoising {denoising} s)").format(
        seconds=number_text(seconds, 2), denoising=number_text(record.denoise_s, 2)
    )


def _date(iso: str) -> str:
    try:
        moment = datetime.fromisoformat(iso).astimezone()
    except ValueError:
        return iso
    return QLocale().toString(
        QDateTime.fromSecsSinceEpoch(int(moment.timestamp())), QLocale.FormatType.ShortFormat
    )
