"""`sketchdesk generate --resume`: which drawing goes on, and how that is said where one is stopped."""

from __future__ import annotations

import shlex
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.runs import Run, RunState
from sketchdesk.library.runs.state import TRANSITIONS

NEWEST = ""
"""--resume without a run."""
RESUME = "--resume"
_GOES_ALONG = (RESUME, "--json")


class Resume(Action):
    """Reads --resume, and lets go of what is `needless` with it: the arguments that are required otherwise."""

    def __init__(self, *, needless: Sequence[Any], **given: Any) -> None:
        super().__init__(**given)
        self._needless = needless

    def __call__(
        self, parser: ArgumentParser, namespace: Namespace, values: object, option_string: str | None = None
    ) -> None:
        """Remember the run."""
        setattr(namespace, self.dest, values)
        for argument in self._needless:
            argument.required = False


def resume_command(run: Run) -> str:
    """Return the command that goes on with a drawing, quoted for a shell."""
    return shlex.join(["sketchdesk", "generate", RESUME, run.id])


def taken_up(name: str, arguments: Sequence[str] = ()) -> Run:
    """Return the drawing that is called so, by its run's id or folder, queued once more; NEWEST: the last unfinished.

    `arguments` is the whole command line. Raises SketchDeskError(BAD_INPUT) where it asks for something else beside,
    and for a run that cannot be read, is no drawing, is done or at work.
    """
    others = [word.partition("=")[0] for word in arguments if word.startswith("--")]
    if others := [word for word in others if word not in _GOES_ALONG]:
        message = _("A drawing goes on as it was begun; leave out {options}.").format(options=", ".join(others))
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    runs.reconcile()  # one that was killed counts as at work until somebody looks
    run = _named(name)
    if not isinstance(run.job, GenerateJob) or RunState.QUEUED not in TRANSITIONS[runs.status_of(run).state]:
        message = _("“{title}” cannot be resumed: it is done, or at work already.").format(title=run.title)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    runs.move(run, RunState.QUEUED)
    return run


def _named(name: str) -> Run:
    if name != NEWEST:
        folder = Path(name).expanduser()
        return runs.read_run(folder.absolute()) if folder.is_dir() else runs.load_run(name)
    unfinished = runs.list_runs({state for state in RunState if RunState.QUEUED in TRANSITIONS[state]})
    for run in reversed(unfinished):
        if isinstance(run.job, GenerateJob):
            return run
    raise SketchDeskError(ErrorKind.BAD_INPUT, _("There is no unfinished drawing."))
