"""What the window says to the person: one sentence, one next step, the details behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from sketchdesk.contracts.errors import SketchDeskError

Level = Literal["info", "good", "warning", "error"]


@dataclass(frozen=True)
class Message:
    """A message for the message bar. Panels emit it; they do not know who shows it."""

    text: str
    next_step: str = ""
    details: str = ""
    level: Level = "info"
    action_text: str = ""
    """The label of a button beside the message ("Undo", "Open the report"), "" for none."""
    action: Callable[[], object] | None = None


def of_error(error: SketchDeskError) -> Message:
    """Return the message for a failure that has a name."""
    return Message(error.message, error.next_step, error.details, "error")
