"""What commands share that take long: a configuration file's arguments, several processes, how to go on."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, to_builtins

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob, Job, TrainJob
from sketchdesk.contracts.text import _

if TYPE_CHECKING:
    from sketchdesk.cli.follow import Record
    from sketchdesk.cli.processes import Launch

ANSWER_KEYS = ("run", "output", "steps", "final_loss")
"""What is answered where a model was made."""


def add_config(parser: Parser, about: str, processes: str, is_needed: bool = True) -> None:
    """Add CONFIG.toml, --set, --resume and what asks for processes; `about` says what the file holds."""
    parser.add_argument("config", metavar="CONFIG.toml", help=about, nargs=None if is_needed else "?")
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE", help=_(
        "change one setting of the file; repeatable"
    ))
    parser.add_argument("--resume", action="store_true", help=_("go on from the run's last checkpoint"))
    several = parser.add_mutually_exclusive_group()
    several.add_argument("--processes", type=int, default=1, metavar="NUMBER", help=processes)
    several.add_argument("--accelerate-config", metavar="FILE", help=_(
        "the processes, machines and cards that a file of `accelerate config` names; start the same on every machine"
    ))
    parser.add_argument("--machine-rank", type=int, metavar="NUMBER", help=_(
        "this machine's number, from 0, where the accelerate file does not say it"
    ))


def add_processes(parser: Parser) -> None:
    """Add --processes to a command that draws or scores."""
    parser.add_argument("--processes", type=int, default=1, metavar="NUMBER", help=_(
        "draw and score in so many processes of this machine, one a graphics card; the numbers are the same"
    ))


def chosen_folder(options: Namespace) -> Path | None:
    """Return the folder --out names."""
    return Path(options.out).expanduser().resolve() if options.out else None


def is_helper(options: Namespace) -> bool:
    """Tell whether this is one of several processes and not their first; they then end with what started them.

    Raises SketchDeskError(BAD_INPUT) where several have no folder in common.
    """
    from sketchdesk.engine.parent import end_with_parent
    from sketchdesk.engine.training.ranks import launched_together

    if not launched_together():
        return False
    if not options.out:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("Several processes need one run folder: give --out."))
    end_with_parent()
    return os.environ.get("RANK", "0") != "0"


def carry_out(
    command: str, options: Namespace, console: Console, job: TrainJob | DistillJob, goes_on: Callable[[Record], bool]
) -> ExitCode:
    """Do the job as a run that the window lists too, and answer with where the outcome is and how it ended.

    `goes_on` says of what was recorded of a job that did not end well whether there is something to go on with.
    """
    from sketchdesk.cli.follow import follow_run, tell

    if is_helper(options):
        return help_along(job, console)
    ended, record = follow_run(job, console)
    if ended.state != "done":
        code = tell(ended, record, console, run=job.out_dir)
        if goes_on(record):
            console.say(_("To go on: {command}").format(command=resume_command(command, options, job.out_dir)))
        return code
    console.show(str(ended.result.get("output")))
    console.answer({key: ended.result.get(key) for key in ANSWER_KEYS})
    return ExitCode.DONE


def tell_forecast(lines: Sequence[str], found: Struct, console: Console) -> ExitCode:
    """Say what a job will need, in sentences and as numbers."""
    for line in lines:
        console.show(line)
    console.answer(to_builtins(found))
    return ExitCode.DONE


def run_processes(command: str, options: Namespace, out_dir: str, more: Sequence[str] = ()) -> ExitCode | None:
    """Start the same command in as many processes as are wanted; the first of them speaks and answers.

    None where one is enough, or where this is one of them.
    """
    from sketchdesk.cli.accelerate_config import launch_of

    arguments = [command, *_settings(options), *(["--resume"] if options.resume else []), *more]
    arguments += _together(options)  # also so that it can be said again
    arguments += ["--out", out_dir, *(["--json"] if options.json else [])]
    return _launched(launch_of(options), arguments)


def run_in(processes: int, arguments: Sequence[str]) -> ExitCode | None:
    """Start a command, whose folder is named, in as many processes as are wanted; as run_processes does."""
    from sketchdesk.cli.processes import Launch

    return _launched(Launch(here=processes, count=processes), arguments)


def _launched(launch: Launch, arguments: Sequence[str]) -> ExitCode | None:
    from sketchdesk.cli.processes import run_together
    from sketchdesk.engine.training.ranks import launched_together

    if launch.count <= 1 or launched_together():
        os.environ.update(launch.environment)
        return None
    status = run_together(arguments, launch)
    return ExitCode(status) if status in set(ExitCode) else ExitCode.FAILED


def help_along(job: Job, console: Console) -> ExitCode:
    """Be one of the processes behind the first: do one's share, and say only what goes wrong here."""
    from sketchdesk.cli.follow import STOP_SIGNALS
    from sketchdesk.engine.reporter import Reporter
    from sketchdesk.engine.session import run_job

    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)  # the first decides; when it goes, we do
    with contextlib.redirect_stdout(sys.stderr):
        ended = run_job(job, Reporter(lambda _event: None))
    if ended.state == "failed" and ended.kind != ErrorKind.ENGINE_DIED:
        console.say(ended.message)
    return ExitCode.DONE if ended.state == "done" else ExitCode.FAILED


def resume_command(command: str, options: Namespace, out_dir: str) -> str:
    """Return the command that goes on with a run as it was begun, quoted for a shell."""
    parts = ["sketchdesk", command, *_settings(options), *_together(options), "--resume"]
    return shlex.join([*parts, "--out", out_dir])


def _together(options: Namespace) -> list[str]:
    """Return the arguments that ask for several processes, if any do."""
    if not options.accelerate_config:
        return ["--processes", str(options.processes)] if options.processes > 1 else []
    machine = [] if options.machine_rank is None else ["--machine-rank", str(options.machine_rank)]
    return ["--accelerate-config", str(Path(options.accelerate_config).resolve()), *machine]


def _settings(options: Namespace) -> list[str]:
    """Return the arguments that say what the settings are."""
    named = ["--recipe", options.recipe] if getattr(options, "recipe", None) else []
    file = [options.config] if options.config else []
    return [*file, *named, *(part for change in options.overrides for part in ("--set", change))]
