"""What may grow along the sides of a contact sheet: settings by which images are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.models.samplers import display_name
from sketchdesk.library.wording import number_words

Axis = Literal["prompt", "model", "seed", "steps", "guidance", "sampler", "size", "strength", "negative_prompt", "run"]
Value = tuple[float, str]
"""What images are put in order by, and what stands beside the row or column."""

AXES: dict[Axis, str] = {
    "prompt": N_("Prompt"),
    "model": N_("Model"),
    "seed": N_("Seed"),
    "steps": N_("Steps"),
    "guidance": N_("Guidance"),
    "sampler": N_("Sampler"),
    "size": N_("Size"),
    "strength": N_("Strength"),
    "negative_prompt": N_("Negative prompt"),
    "run": N_("Run"),
}
"""Every axis and its name."""

UNKNOWN: Value = (float("inf"), "–")


def values_of(images: Iterable[GalleryImage], axis: Axis) -> list[Value]:
    """Return the different values the images have along an axis: numbers ascending, texts as they come."""
    return sorted(dict.fromkeys(value_of(image, axis) for image in images), key=lambda value: value[0])


def value_of(image: GalleryImage, axis: Axis) -> Value:
    """Return an image's value along an axis; UNKNOWN where it does not say."""
    if axis == "run":
        return (0.0, image.run) if image.run else UNKNOWN
    if image.record is None:
        return UNKNOWN
    return _READ[axis](image.record)


def named_value(axis: Axis, value: Value) -> str:
    """Return a value as a caption says it: a prompt or a model speaks for itself, a number is named."""
    if axis in ("prompt", "model", "sampler", "size", "run") or value == UNKNOWN:
        return value[1]
    return _("{name} {value}").format(name=_(AXES[axis]), value=value[1])


def _text(text: str) -> Value:
    return (0.0, text) if text else UNKNOWN


def _number(value: float | None) -> Value:
    return UNKNOWN if value is None else (float(value), number_words.short(value))


_READ: dict[Axis, Callable[[ImageRecord], Value]] = {
    "prompt": lambda record: _text(record.prompt),
    "model": lambda record: _text(short_model(record.model_label)),
    "seed": lambda record: UNKNOWN if record.seed is None else (float(record.seed), str(record.seed)),
    "steps": lambda record: _number(record.num_inference_steps),
    "guidance": lambda record: _number(record.guidance_scale),
    "sampler": lambda record: _text(display_name(record.sampler)),
    "size": lambda record: (
        float(record.width * record.height),
        _("{width} × {height}").format(width=record.width, height=record.height),
    ),
    "strength": lambda record: _number(record.strength if record.init_image else None),
    "negative_prompt": lambda record: _text(record.negative_prompt),
}

Cells = dict[tuple[int, int], list[GalleryImage]]
"""Images by row and column; several where the axes do not tell them apart."""


def laid_out(
    images: Sequence[GalleryImage], across: Axis | None, down: Axis | None
) -> tuple[list[Value], list[Value], Cells]:
    """Return the columns' values, the rows', and the images of every cell, in the order they come.

    Without an axis down, images of one column stand under each other; without one across, those of one row beside
    each other. There is no value then, and one cell holds one image.
    """
    columns = values_of(images, across) if across else []
    rows = values_of(images, down) if down else []
    places = [{value: number for number, value in enumerate(values)} for values in (rows, columns)]
    cells: Cells = {}
    taken: Counter[tuple[Value | None, Value | None]] = Counter()
    for image in images:
        line = (value_of(image, down) if down else None, value_of(image, across) if across else None)
        row = places[0][line[0]] if line[0] else taken[line]
        column = places[1][line[1]] if line[1] else taken[line]
        taken[line] += 1
        cells.setdefault((row, column), []).append(image)
    return columns, rows, cells
