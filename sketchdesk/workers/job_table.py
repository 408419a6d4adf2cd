"""Which jobs are on show, where each stands, and in which order those that wait will run. No Qt, no disk."""

from __future__ import annotations

from dataclasses import dataclass

from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import TRANSITIONS, RunState


@dataclass
class _Entry:
    run: Run
    state: RunState


class JobTable:
    """The runner's jobs; the queued ones among them stand in the order in which they will run."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._entries

    @property
    def ids(self) -> list[str]:
        """Every job's id."""
        return list(self._entries)

    def run(self, job_id: str) -> Run:
        """Return the run behind a job. Raises KeyError for one that is not here."""
        return self._entries[job_id].run

    def state(self, job_id: str) -> RunState:
        """Return where a job stands. Raises KeyError for one that is not here."""
        return self._entries[job_id].state

    def can(self, job_id: str, state: RunState) -> bool:
        """Tell whether a job is here and may go into `state` from where it stands."""
        return job_id in self._entries and state in TRANSITIONS[self.state(job_id)]

    def put(self, run: Run, state: RunState) -> None:
        """Add a job, the last one of all."""
        self._entries[run.id] = _Entry(run, state)

    def set_state(self, job_id: str, state: RunState) -> None:
        """Say where a job stands now."""
        self._entries[job_id].state = state

    def drop(self, job_id: str) -> None:
        """Take a job away."""
        del self._entries[job_id]

    def to_end(self, job_id: str) -> None:
        """Let a job be the last one of all."""
        self._entries[job_id] = self._entries.pop(job_id)

    def move(self, job_id: str, place: int) -> None:
        """Give a waiting job a place, counted from 0, among those that wait for its lane."""
        waiting = [id_ for id_ in self.waiting(self.run(job_id).lane) if id_ != job_id]
        waiting.insert(max(place, 0), job_id)
        for id_ in waiting:  # to the end, one after the other
            self.to_end(id_)

    def waiting(self, lane: str) -> list[str]:
        """Return the jobs that wait for a lane, the next one first."""
        return list(self.order().get(lane, ()))

    def order(self) -> dict[str, tuple[str, ...]]:
        """Return the jobs that wait, by lane, the next one first."""
        lanes: dict[str, list[str]] = {}
        for job_id, entry in self._entries.items():
            if entry.state is RunState.QUEUED:
                lanes.setdefault(entry.run.lane, []).append(job_id)
        return {lane: tuple(waiting) for lane, waiting in lanes.items()}
