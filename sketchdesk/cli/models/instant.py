"""`sketchdesk models instant`: a tuned model that draws in few steps at once, by the difference of another."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.models.finding import find_model
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.installed import ModelEntry, describe
from sketchdesk.library.models.uses import short_name

HELP = N_("make a tuned model draw in few steps at once")
DESCRIPTION = N_(
    "Add to a tuned model what another model of the same base learnt of drawing in few steps: tuned + (few − base), "
    "weight by weight. Nothing is trained, and the models stay as they are. The licences of all three are shown: what "
    "they ask for holds for the new one."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("tuned", metavar="MODEL", help=_("the tuned model, as the list calls it, or its folder"))
    parser.add_argument("--few", required=True, metavar="MODEL", help=_(
        "a model that draws in few steps: InstaFlow, or one that was made here"
    ))
    parser.add_argument("--base", default="", metavar="MODEL", help=_(
        "what both were made from; the few-step model's card names it unless given"
    ))
    parser.add_argument("--name", default="", metavar="NAME", help=_("what to call the new model"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Write the model, and answer with where it is and which licences hold. Raises SketchDeskError."""
    from sketchdesk.engine.models.difference import write_instant
    from sketchdesk.library.files.atomic import disk_errors
    from sketchdesk.library.models.instant_card import Summand, write_instant_card
    from sketchdesk.library.paths import models_dir

    tuned, few = _found(options.tuned), _found(options.few)
    base = _found(_base(options.base, few))
    name = options.name or f"{_called(tuned)}-{_called(few)}"
    folder = models_dir() / name
    if folder.parent != models_dir() or name.startswith(".") or "/" in name or "\\" in name:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{name}” cannot be the name of a model.").format(name=name))
    if folder.exists():
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{file}” is there already.").format(file=folder))
    summands = [Summand(name=_called(each), licence=each.licence) for each in (tuned, few, base)]
    for each in summands:
        console.say(_("{model}: licence {licence}").format(model=each.name, licence=each.licence or _("not named")))
    with disk_errors(folder):
        write_instant(tuned.path, few.path, base.path, folder)
    write_instant_card(folder, *summands)
    console.show(str(folder))
    console.answer({"output": str(folder), "licences": {each.name: each.licence for each in summands}})
    return ExitCode.DONE


def _found(name: str) -> ModelEntry:
    """Return a listed model, or one that lies elsewhere."""
    path = Path(name).expanduser().resolve()
    return describe(str(path), path, "linked") if path.exists() else find_model(name)


def _called(entry: ModelEntry) -> str:
    """Return its short name, that of the run where it lies in one that is not listed."""
    return entry.path.parent.name if entry.path.name == "model" else short_name(entry)


def _base(name: str, few: ModelEntry) -> str:
    if not name and not few.teacher:
        text = _("The card of “{model}” does not say what it was made from; name that with --base.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(model=_called(few)))
    return name or few.teacher
