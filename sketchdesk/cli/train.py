"""`sketchdesk train`: fine-tune a model as a configuration file says."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import sys
from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser, add_out
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _

ANSWER_KEYS = ("run", "output", "steps", "final_loss")

HELP = N_("fine-tune a model on images with captions")
DESCRIPTION = N_(
    "Fine-tune a model as CONFIG.toml says. The run folder holds the checkpoints and the tuned model."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("config", metavar="CONFIG.toml", help=_("the settings of the training"))
    parser.add_argument("--set", action="append", default=[], dest="overrides", metavar="KEY=VALUE", help=_(
        "change one setting of the file; repeatable"
    ))
    parser.add_argument("--resume", action="store_true", help=_("go on from the run's last checkpoint"))
    parser.add_argument("--processes", type=int, default=1, metavar="NUMBER", help=_(
        "train in so many processes of this machine, one a graphics card; each step then shows as many times the images"
    ))
    parser.add_argument("--fork", metavar="CHECKPOINT", help=_(
        "begin a new run with a checkpoint of another, its optimiser and step included"
    ))
    add_out(parser, _("the run folder; the file's own, or a new one in the data folder, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Train, and answer with where the tuned model is and how the training ended."""
    from sketchdesk.cli.follow import follow, tell
    from sketchdesk.demo.dataset import with_drawn_dataset
    from sketchdesk.engine.session import run_job
    from sketchdesk.engine.training.ranks import launched_together
    from sketchdesk.library import runs

    job = _job(options)
    job = with_drawn_dataset(job)
    if options.processes > 1 and not launched_together():
        return _together(options, job)
    if launched_together():
        from sketchdesk.engine.parent import end_with_parent

        if not options.out:
            raise SketchDeskError(ErrorKind.BAD_INPUT, _("Several processes need one run folder: give --out."))
        end_with_parent()
        if os.environ.get("RANK", "0") != "0":
            return _help_along(job, console)
    entry = runs.create_run(job)  # so that the window lists it, live and later, like its own
    runs.start(entry, os.getpid())
    ended, record = follow(lambda reporter: run_job(job, reporter), console, entry.folder)
    runs.finish(entry, ended)
    if ended.state != "done":
        code = tell(ended, record, console, run=job.out_dir)
        if record.checkpoint:
            console.say(_("To go on: {command}").format(command=resume_command(options, job.out_dir)))
        return code
    console.show(str(ended.result.get("output")))
    console.answer({key: ended.result.get(key) for key in ANSWER_KEYS})
    return ExitCode.DONE


def _job(options: Namespace) -> TrainJob:
    from sketchdesk.library.train_config import read_train_job

    chosen = Path(options.out).expanduser().resolve() if options.out else None
    fork = [f"fork_from={json.dumps(str(Path(options.fork).expanduser().resolve()))}"] if options.fork else []
    return read_train_job(Path(options.config), [*options.overrides, *fork], chosen, options.resume)


def _together(options: Namespace, job: TrainJob) -> ExitCode:
    """Start the same command in several processes; the first of them speaks and answers."""
    from sketchdesk.cli.processes import run_together

    arguments = ["train", options.config, *(part for change in options.overrides for part in ("--set", change))]
    arguments += [*(["--resume"] if options.resume else []), *(["--fork", options.fork] if options.fork else [])]
    arguments += ["--processes", str(options.processes)]  # only so that it can be said again
    arguments += ["--out", job.out_dir, *(["--json"] if options.json else [])]
    status = run_together(arguments, options.processes)
    return ExitCode(status) if status in set(ExitCode) else ExitCode.FAILED


def _help_along(job: TrainJob, console: Console) -> ExitCode:
    """Be one of the processes behind the first: train, and say only what goes wrong here."""
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


def resume_command(options: Namespace, out_dir: str) -> str:
    """Return the command that goes on with a run as it was begun, quoted for a shell."""
    changes = [part for change in options.overrides for part in ("--set", change)]
    together = ["--processes", str(options.processes)] if options.processes > 1 else []
    return shlex.join(["sketchdesk", "train", options.config, *changes, *together, "--resume", "--out", out_dir])
