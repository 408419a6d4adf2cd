"""What the window says to the person: one sentence, one next step, the details behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _, ngettext

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


def of_bad_lines(problems: Sequence[SketchDeskError]) -> Message:
    """Return the message for the lines of a list that are wrong: the first in a sentence, all in the details."""
    count = len(problems)
    text = ngettext(
        "{count} line was left out. {problem}", "{count} lines were left out. The first: {problem}", count
    ).format(count=count, problem=problems[0].message)
    details = "\n".join(problem.message for problem in problems)
    return Message(text, _("Mend the line in the file, or write the prompt by hand."), details, "warning")
