"""The one way in: no argument opens the window, `--engine` is the engine process, anything else is a command."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence

ENGINE_FLAG = "--engine"


def main(argv: Sequence[str] | None = None) -> int:
    """Run SketchDesk with `argv` (default: the process's own arguments) and return its exit status."""
    multiprocessing.freeze_support()  # a frozen Windows child starts here again; it must not open a second window
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments:
        return _window()
    if arguments[0] == ENGINE_FLAG:
        return _engine()
    from sketchdesk.cli.main import main as command

    return command(arguments)


def _window() -> int:
    """Be the window."""
    from sketchdesk.ui import quick_start

    quick_start.begin()
    try:
        from sketchdesk.ui.app import main

        return main()
    finally:
        quick_start.end()


def _engine() -> int:
    """Be the engine process, one that knows the demo's data sets by name, as the command line does."""
    from sketchdesk.contracts.events import JobEnded
    from sketchdesk.contracts.jobs import CaptionJob, DistillJob, EvaluateJob, Job, StudyJob, TrainJob, TrialJob
    from sketchdesk.demo.dataset import with_drawn_dataset
    from sketchdesk.engine.__main__ import main
    from sketchdesk.engine.reporter import Reporter
    from sketchdesk.engine.session import run_job

    def prepare(job: Job) -> Job:
        named = TrainJob | TrialJob | CaptionJob | DistillJob | EvaluateJob | StudyJob
        return with_drawn_dataset(job) if isinstance(job, named) else job

    def run(job: Job, reporter: Reporter) -> JobEnded:
        return run_job(job, reporter, prepare)

    return main(run)
