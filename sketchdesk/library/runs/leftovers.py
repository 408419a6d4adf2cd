"""What earlier windows left undone: interrupted runs to be offered, waiting ones in the order they waited in, and
pictures that were neither saved nor dropped.
"""

from __future__ import annotations

from msgspec import Struct

from sketchdesk.library.drawing.unsaved import unsaved_images
from sketchdesk.library.runs import queue, runs
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.trials import drop_left


class Leftovers(Struct, frozen=True, kw_only=True):
    """The runs a new window takes up."""

    interrupted: tuple[Run, ...] = ()
    """Oldest first."""
    waiting: tuple[Run, ...] = ()
    """Lane by lane, the next one first."""
    unsaved: int = 0
    """How many pictures wait that were drawn without keeping them."""


def find_leftovers() -> Leftovers:
    """Set right what a dead window left as running, and return what is to be taken up. Reads every run's state.

    What killed trials left on the disk is deleted.
    """
    runs.reconcile()
    drop_left()
    interrupted = runs.list_runs({RunState.INTERRUPTED})
    waiting = (runs.load_run(run_id) for run_ids in queue.load_queue().values() for run_id in run_ids)
    return Leftovers(interrupted=tuple(interrupted), waiting=tuple(waiting), unsaved=len(unsaved_images()))
