"""States, stages and times in words."""

from __future__ import annotations

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.run_state import RunState

_STATES = {
    RunState.QUEUED: N_("waiting"),
    RunState.RUNNING: N_("working"),
    RunState.PAUSED: N_("paused"),
    RunState.CANCELLING: N_("stopping"),
    RunState.DONE: N_("done"),
    RunState.FAILED: N_("failed"),
    RunState.CANCELED: N_("canceled"),
    RunState.INTERRUPTED: N_("interrupted"),
}


def state_text(state: RunState) -> str:
    """Return the state as the person reads it."""
    return _(_STATES[state])


def time_left_text(eta_s: float) -> str:
    """Return how long it will still take, rounded to what matters."""
    seconds = round(eta_s)
    if seconds < 60:
        return _("{seconds} s left").format(seconds=seconds)
    if seconds < 3600:
        return _("{minutes} min left").format(minutes=round(seconds / 60))
    return _("{hours} h {minutes} min left").format(hours=seconds // 3600, minutes=seconds % 3600 // 60)
