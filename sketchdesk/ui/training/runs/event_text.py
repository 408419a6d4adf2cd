"""The events of a training as lines that a person reads."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale

from sketchdesk.contracts.events import CheckpointSaved, Event, JobEnded, JobStarted, Notice, StageChanged
from sketchdesk.contracts.text import _
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.sentences import stage_text, state_text


def event_line(event: Event) -> str:
    """Return the time and what happened."""
    time = QLocale().toString(QDateTime.fromSecsSinceEpoch(int(event.time_s)), "yyyy-MM-dd HH:mm:ss")
    return f"{time}   {event_text(event)}"


def event_text(event: Event) -> str:
    """Return what happened, in a sentence or two; "" for what the log does not tell."""
    match event:
        case JobStarted():
            return _("Started on {device} in {precision}.").format(
                device=event.device or "–", precision=event.precision or "–"
            )
        case StageChanged():
            return _("Part {index} of {total}: {stage}.").format(
                index=event.index + 1, total=event.total, stage=stage_text(event.stage)
            )
        case CheckpointSaved():
            return _("Checkpoint at step {step}; the run can be resumed from here.").format(
                step=number_text(event.step)
            )
        case Notice():
            return event.message
        case JobEnded():
            said = f"{event.message} {event.next_step}".strip()
            state = state_text(RunState(event.state))
            return _("Ended: {state}.").format(state=state) + (f" {said}" if said else "")
        case _:
            return ""
