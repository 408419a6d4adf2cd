"""The states a run goes through, which may follow which, and whether the process behind a run still lives."""

from __future__ import annotations

import platform
import time
from enum import StrEnum

from msgspec import Struct


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELED = "canceled"
    INTERRUPTED = "interrupted"


_S = RunState
TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    _S.QUEUED: frozenset({_S.RUNNING, _S.CANCELED}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.CANCELLING, _S.DONE, _S.FAILED, _S.INTERRUPTED}),
    # A paused engine can be canceled, can die, and can be left behind by a dead window like a running one.
    _S.PAUSED: frozenset({_S.RUNNING, _S.CANCELLING, _S.FAILED, _S.INTERRUPTED}),
    _S.CANCELLING: frozenset({_S.CANCELED, _S.DONE, _S.FAILED, _S.INTERRUPTED}),
    # Resumed, or the offer to resume declined.
    _S.INTERRUPTED: frozenset({_S.QUEUED, _S.CANCELED}),
    _S.DONE: frozenset(),
    # Taken up again: a training goes on from its last checkpoint, a study with what is not drawn yet.
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.CANCELED: frozenset({_S.QUEUED}),
}
"""The one table of what may follow what."""

ACTIVE = frozenset({RunState.RUNNING, RunState.PAUSED, RunState.CANCELLING})
"""The states in which a process works, or should."""

HEARTBEAT_STALE_S = 300.0
"""Silence after which a run of another machine counts as dead; on this machine the process itself is asked."""

_SAME_START_S = 2.0
"""Two readings of one process's start may differ by the clock's correction; a recycled pid's differ by much more."""


class IllegalTransitionError(ValueError):
    """A run was asked to go from one state to another that cannot follow it."""

    def __init__(self, old: RunState, new: RunState) -> None:
        super().__init__(f"{old.value} cannot become {new.value}")


class RunStatus(Struct, frozen=True, kw_only=True):
    """What state.json holds. Times are Unix times in seconds."""

    state: RunState
    since: float
    """When it came into this state."""
    host: str = ""
    pid: int | None = None
    """The engine's process, while one works on the run."""
    pid_created: float | None = None
    """When that process began, so that another process with a recycled pid is not taken for it."""
    heartbeat: float = 0.0


def check_transition(old: RunState, new: RunState) -> None:
    """Raise IllegalTransitionError unless `new` may follow `old`."""
    if new not in TRANSITIONS[old]:
        raise IllegalTransitionError(old, new)


def process_started(pid: int) -> float | None:
    """Return when a living process began (Unix time in seconds), or None for one that is dead or a zombie."""
    import psutil  # half of this module is words; who only needs them does not wait for it

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    except psutil.Error:
        return None


def is_alive(status: RunStatus) -> bool:
    """Tell whether the process that works on a run still lives; for another machine's, by its heartbeat."""
    if status.host != platform.node():
        return time.time() - status.heartbeat < HEARTBEAT_STALE_S
    if status.pid is None or status.pid_created is None:
        return False
    started = process_started(status.pid)
    return started is not None and abs(started - status.pid_created) < _SAME_START_S
