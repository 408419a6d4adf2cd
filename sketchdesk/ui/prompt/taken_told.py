"""What is told when the panel has taken the settings of images: how many, and what of them could not be taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.drawing.not_taken import not_taken
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.ui.message import Message

TOLD = 3
"""How many sentences are said; the details have all."""


def taken_told(records: Sequence[ImageRecord], missing: str, undo: Callable[[], None]) -> Message:
    """Return the message; `missing` is the model that is not here, "" for none, `undo` brings back what was before."""
    sentences = [
        ngettext(
            "The panel holds the settings of {count} image.", "The panel holds the settings of {count} images.",
            len(records),
        ).format(count=len(records))
    ]  # fmt: skip
    if missing:
        sentences.append(_("Its model “{name}” is not here; the one chosen stays.").format(name=missing))
    lost = list(dict.fromkeys(sentence for record in records for sentence in not_taken(record)))
    return Message(
        " ".join(sentences + lost[:TOLD]), details="\n".join(lost) if len(lost) > TOLD else "",
        level="warning" if missing or lost else "info", action_text=_("Undo"), action=undo,
    )  # fmt: skip
