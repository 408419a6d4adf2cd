"""`sketchdesk train`: fine-tune a model as a configuration file says."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.long_job import add_config, carry_out, chosen_folder, run_processes
from sketchdesk.cli.parser import Parser, add_out
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _

COMMAND = "train"

HELP = N_("fine-tune a model on images with captions")
DESCRIPTION = N_(
    "Fine-tune a model as CONFIG.toml says. The run folder holds the checkpoints and the tuned model."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_config(parser, _("the settings of the training"), _(
        "train in so many processes of this machine, one a graphics card; each step then shows as many times the images"
    ))
    parser.add_argument("--fork", metavar="CHECKPOINT", help=_(
        "begin a new run with a checkpoint of another, its optimiser and step included"
    ))
    add_out(parser, _("the run folder; the file's own, or a new one in the data folder, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Train, and answer with where the tuned model is and how the training ended."""
    from sketchdesk.cli.accelerate_config import as_the_file_says
    from sketchdesk.demo.dataset import with_drawn_dataset

    job = with_drawn_dataset(as_the_file_says(_job(options), options))
    fork = ["--fork", options.fork] if options.fork else []
    if (code := run_processes(COMMAND, options, job.out_dir, fork)) is not None:
        return code
    return carry_out(COMMAND, options, console, job, lambda record: record.checkpoint is not None)


def _job(options: Namespace) -> TrainJob:
    from sketchdesk.library.train_config import read_train_job

    fork = [f"fork_from={json.dumps(str(Path(options.fork).expanduser().resolve()))}"] if options.fork else []
    return read_train_job(Path(options.config), [*options.overrides, *fork], chosen_folder(options), options.resume)
