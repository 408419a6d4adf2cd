"""How long a picture took, for people."""

from __future__ import annotations

from sketchdesk.contracts.text import _
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.wording.number_words import number


def drawing_times(record: ImageRecord) -> list[tuple[str, str]]:
    """Return the batch's times and its steps a second, by their names; a picture's share of them is not known."""
    seconds = record.text_s + record.denoise_s + record.decode_s
    if not seconds:
        return []
    denoising = _seconds(record.denoise_s)
    if speed := record.steps_per_s:
        denoising += " · " + _("{speed} it/s").format(speed=number(speed, 2))
    return [
        (_("Time"), _seconds(seconds)),
        (_("Reading the text"), _seconds(record.text_s)),
        (_("Denoising"), denoising),
        (_("Decoding"), _seconds(record.decode_s)),
    ]


def _seconds(seconds: float) -> str:
    return _("{seconds} s").format(seconds=number(seconds, 2))
