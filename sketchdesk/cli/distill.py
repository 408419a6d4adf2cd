"""`sketchdesk distill`: make a model that draws in one or a few steps, as a configuration file says."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.long_job import add_config, carry_out, chosen_folder, run_processes, tell_forecast
from sketchdesk.cli.parser import Parser, add_out
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import N_, _

COMMAND = "distill"

HELP = N_("make a model that draws in one or a few steps of one that needs many")
DESCRIPTION = N_(
    "Let the model in CONFIG.toml draw pairs of noise and picture, and train a copy of it on them that draws in one or "
    "a few steps. The run folder holds the pairs, the checkpoints, a report and the model."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_config(parser, _("the settings of the distillation"), _(
        "draw the pairs and train in so many processes of this machine, one a graphics card; each step then takes as "
        "many times the pairs"
    ))
    parser.add_argument("--forecast", action="store_true", help=_(
        "only say what it will need: pairs, hours, disk and memory"
    ))
    add_out(parser, _("the run folder; the file's own, or a new one in the data folder, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Distil, and answer with where the new model is and how it ended; or with the forecast."""
    from sketchdesk.cli.accelerate_config import as_the_file_says
    from sketchdesk.demo.dataset import with_drawn_dataset

    job = with_drawn_dataset(as_the_file_says(_job(options), options))
    if options.forecast:
        return _forecast(job, console)
    if (code := run_processes(COMMAND, options, job.out_dir)) is not None:
        return code
    return carry_out(COMMAND, options, console, job, lambda _record: True)  # the pairs that are there are kept


def _job(options: Namespace) -> DistillJob:
    from sketchdesk.library.distillation.config import read_distill_job

    return read_distill_job(Path(options.config), options.overrides, chosen_folder(options), options.resume)


def _forecast(job: DistillJob, console: Console) -> ExitCode:
    from sketchdesk.library.distillation.forecast import forecast_here, forecast_lines

    found = forecast_here(job)
    return tell_forecast(forecast_lines(found), found, console)
