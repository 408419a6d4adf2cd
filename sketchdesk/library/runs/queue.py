"""The order in which queued runs will start, a list a lane, kept in one file.

The run folders say which runs are queued; the file only says in which order. Without it the oldest comes first.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from sketchdesk.contracts.reading import reader
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.paths import queue_file
from sketchdesk.library.runs.runs import list_runs
from sketchdesk.library.runs.state import RunState

Lanes = dict[str, tuple[str, ...]]
"""Run ids in order, by lane."""


class _File(Struct, frozen=True, kw_only=True):
    version: int = 1
    lanes: Lanes = {}


def load_queue() -> Lanes:
    """Return the queued runs of every lane in order, as the file and the run folders together tell them.

    Runs that are no longer queued are left out; queued ones the file does not know come last in their own lane,
    oldest first. A missing or damaged file is thereby no loss but that of the order.
    """
    queued = {run.id: run for run in list_runs({RunState.QUEUED})}
    lanes: Lanes = {}
    for lane, ids in _saved().items():
        known = [run_id for run_id in dict.fromkeys(ids) if queued.pop(run_id, None)]
        if known:
            lanes[lane] = tuple(known)
    for run in queued.values():
        lanes[run.lane] = (*lanes.get(run.lane, ()), run.id)
    return lanes


def save_queue(lanes: Lanes) -> None:
    """Keep the order. Raises SketchDeskError as write_json does."""
    write_json(queue_file(), _File(lanes=lanes))


def _saved() -> Lanes:
    try:
        return reader(_File).decode(queue_file().read_bytes()).lanes
    except (OSError, msgspec.DecodeError, UnicodeError):
        return {}
