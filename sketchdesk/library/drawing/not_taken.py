"""What a picture says of how it was made, and what cannot be had here: each a sentence, nothing lost in silence."""

from __future__ import annotations

from sketchdesk.contracts.text import _
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.samplers import display_name, without_schedule
from sketchdesk.library.wording.number_words import short


def not_taken(record: ImageRecord) -> list[str]:
    """Return a sentence for each setting of a picture that cannot be taken from it, or not whole."""
    if record.own_sampler or not record.sampler or without_schedule(record.sampler)[0]:
        return drawn_otherwise(record)
    text = _("The sampler “{name}” of this picture is not known here; the model's own takes its place.")
    return [text.format(name=record.sampler), *drawn_otherwise(record)]


def drawn_otherwise(record: ImageRecord) -> list[str]:
    """Return a sentence for each thing that a picture of a known sampler would be drawn without."""
    found = []
    sampler, schedule = without_schedule(record.sampler)
    if sampler and schedule:
        text = _("{sampler} is not to be had here with the noise schedule {schedule}; it draws with its usual one.")
        found.append(text.format(sampler=display_name(sampler), schedule=schedule))
    if record.strength < 1 and not record.init_image:
        text = _("It was drawn from another picture, at a strength of {strength}, and does not say which.")
        found.append(text.format(strength=short(record.strength)))
    return found
