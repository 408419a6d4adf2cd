"""`sketchdesk models set`: what a person knows of a model better than its file says."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.models.finding import find_model
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.uses import short_name

HELP = N_("say what a single-file model predicts")
DESCRIPTION = N_("Say what the network of a single-file model predicts, where its file does not or is wrong.")
CHOICES = {"epsilon": "epsilon", "v": "v_prediction", "velocity": "velocity", "auto": ""}


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", help=_("its name or its path"))
    parser.add_argument(
        "--prediction", required=True, choices=list(CHOICES), help=_("auto has it found out when it draws")
    )


def run(options: Namespace, console: Console) -> ExitCode:
    """Note it. Raises SketchDeskError: MODEL_NOT_FOUND, BAD_INPUT for a folder, whose own files say it."""
    from sketchdesk.library.models.notes import say_prediction

    entry = find_model(options.model)
    if not entry.path.is_file():
        text = _("“{name}” is a folder, whose own files say what it predicts.").format(name=short_name(entry))
        raise SketchDeskError(ErrorKind.BAD_INPUT, text)
    say_prediction(entry.path, CHOICES[options.prediction])
    console.show(f"{short_name(entry)}: {options.prediction}")
    console.answer({"model": entry.name, "prediction": options.prediction})
    return ExitCode.DONE
