"""`sketchdesk train`: fine-tune a model as a configuration file says."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from msgspec import Struct

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import value_of
from sketchdesk.cli.long_job import add_config, carry_out, chosen_folder, run_processes, tell_forecast
from sketchdesk.cli.parser import Parser, add_out
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import Positive, TrainJob, TrialJob
from sketchdesk.contracts.text import N_, _

COMMAND = "train"


class _Fit(Struct):
    gib: Positive


HELP = N_("fine-tune a model on images with captions")
DESCRIPTION = N_(
    "Fine-tune a model as CONFIG.toml says. The run folder holds the checkpoints and the tuned model."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_config(parser, _("the settings of the training"), _(
        "train in so many processes of this machine, one a graphics card; each step then shows as many times the images"
    ), is_needed=False)
    parser.add_argument("--recipe", metavar="NAME", help=_(
        "a ready recipe, which the file and --set change: {names}; without a file, model and data set may have to be "
        "said with --set"
    ).format(names=_recipes()))
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--forecast", action="store_true", help=_("only say what it will need: memory, time and disk"))
    only.add_argument("--probe", action="store_true", help=_(
        "only do two steps, keep nothing of them, and say what they took of memory and time; forecasts of trainings "
        "alike then go by that"
    ))
    only.add_argument("--fit", metavar="GIB", type=value_of(_Fit, "gib"), help=_(
        "only propose what to change so that it fits so many GiB, as lines for the file"
    ))
    only.add_argument("--metrics", metavar="FILE.csv", help=_(
        "only write the numbers of the run in --out, one that was distilled too, as a table"
    ))
    parser.add_argument("--fork", metavar="CHECKPOINT", help=_(
        "begin a new run with a checkpoint of another, its optimiser and step included"
    ))
    add_out(parser, _("the run folder; the file's own, or a new one in the data folder, unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Train, and answer with where the tuned model is and how the training ended; or with what it will need."""
    from sketchdesk.cli.accelerate_config import as_the_file_says
    from sketchdesk.demo.dataset import with_drawn_dataset

    if options.metrics:
        return _metrics(options, console)
    job = as_the_file_says(_job(options), options)
    if options.forecast:
        return _forecast(job, console)
    if options.fit is not None:
        return _fit(job, options.fit, console)
    job = with_drawn_dataset(job)
    if options.probe:
        return _probe(job, options, console)
    fork = ["--fork", options.fork] if options.fork else []
    if (code := run_processes(COMMAND, options, job.out_dir, fork)) is not None:
        return code
    return carry_out(COMMAND, options, console, job, lambda record: record.checkpoint is not None)


def _job(options: Namespace) -> TrainJob:
    from sketchdesk.library.training.config import RECIPE, read_train_job

    fork = [f"fork_from={json.dumps(str(Path(options.fork).expanduser().resolve()))}"] if options.fork else []
    recipe = [f"{RECIPE}={json.dumps(_recipe(options.recipe))}"] if options.recipe else []
    if not options.config and not recipe:
        text = _("Name a file of settings, CONFIG.toml, or a recipe with --recipe.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, text)
    file = Path(options.config) if options.config else None
    return read_train_job(file, [*recipe, *options.overrides, *fork], chosen_folder(options), options.resume)


def _recipe(name: str) -> str:
    from sketchdesk.library.training.recipes import ready_recipe

    if (found := ready_recipe(name)) is None:
        text = _("There is no recipe “{name}”; there are {names}.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(name=name, names=_recipes()))
    return found.name


def _recipes() -> str:
    from sketchdesk.library.training.recipes import RECIPES

    return ", ".join(f"“{_(recipe.title)}”" for recipe in RECIPES)


def _forecast(job: TrainJob, console: Console) -> ExitCode:
    from sketchdesk.library.training.outlook import outlook, outlook_lines

    found = outlook(job)
    return tell_forecast(outlook_lines(found), found, console)


def _fit(job: TrainJob, memory_gib: float, console: Console) -> ExitCode:
    from sketchdesk.library.training.outlook import fitted

    found, lines = fitted(job, memory_gib)
    tell_forecast([*lines, *found.toml.splitlines()], found, console)
    return ExitCode.DONE if found.fits else ExitCode.FAILED


def _metrics(options: Namespace, console: Console) -> ExitCode:
    from sketchdesk.library.training.metrics_csv import metrics_of, write_metrics

    folder, target = chosen_folder(options), Path(options.metrics).expanduser().absolute()
    if folder is None:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("Name the run's folder with --out."))
    if target.exists():
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{file}” is there already.").format(file=target))
    rows = metrics_of(folder)
    if not rows:
        text = _("No run of this data folder has written numbers for “{folder}”.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(folder=folder))
    write_metrics(target, {folder.name: rows})
    console.show(str(target))
    console.answer({"file": str(target), "steps": len(rows)})
    return ExitCode.DONE


def _probe(job: TrainJob, options: Namespace, console: Console) -> ExitCode:
    """Try two steps in this process, as a run whose figures the window finds too, and say what they took."""
    from sketchdesk.cli.accelerate_config import launch_of
    from sketchdesk.cli.follow import follow_run, tell
    from sketchdesk.library.training.trials import trial_text

    if launch_of(options).count > 1:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("A training is tried in one process: leave the others out."))
    ended, record = follow_run(TrialJob(training=job), console)
    if ended.state != "done":
        return tell(ended, record, console)
    console.show(trial_text(ended.result))
    console.answer(ended.result)
    return ExitCode.DONE
