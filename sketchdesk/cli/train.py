"""`sketchdesk train`: fine-tune a model as a configuration file says."""

from __future__ import annotations

import os
import shlex
from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser, add_out
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
    add_out(parser, _("the run folder; the file's own, or a new one in the data folder, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Train, and answer with where the tuned model is and how the training ended."""
    from sketchdesk.cli.follow import follow, tell
    from sketchdesk.demo.dataset import with_drawn_dataset
    from sketchdesk.engine.session import run_job
    from sketchdesk.library import runs
    from sketchdesk.library.train_config import read_train_job

    chosen = Path(options.out).expanduser().resolve() if options.out else None
    job = read_train_job(Path(options.config), options.overrides, chosen, options.resume)
    job = with_drawn_dataset(job)
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


def resume_command(options: Namespace, out_dir: str) -> str:
    """Return the command that goes on with a run as it was begun, quoted for a shell."""
    changes = [part for change in options.overrides for part in ("--set", change)]
    return shlex.join(["sketchdesk", "train", options.config, *changes, "--resume", "--out", out_dir])
