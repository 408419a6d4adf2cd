"""`sketchdesk models remove`: to the trash with a model of ours; one that lies elsewhere is only taken off the list."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import CANCELED_KIND, ExitCode
from sketchdesk.cli.models.finding import find_model
from sketchdesk.cli.parser import Parser
from sketchdesk.cli.progress import size_text
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.own_models import is_own_copy, trash_model
from sketchdesk.library.models.uses import model_uses, short_name, uses_of

HELP = N_("take a model away")
DESCRIPTION = N_(
    "Move a model of the data folder to its trash, or take one that lies elsewhere off the list; its files stay. An "
    "unfinished download is deleted."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", help=_("its name or its path, or the name of an unfinished download"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Ask, take it away, and answer with where it is now."""
    from sketchdesk.library.hub.staging import discard, unfinished_downloads

    left = next((one for one in unfinished_downloads() if one.name == options.model), None)
    entry = None if left else find_model(options.model)
    question = _question(entry) if entry else _("Delete what has arrived of “{name}” ({size})?").format(
        name=options.model, size=size_text(left.size_bytes if left else 0)
    )
    if not options.yes and not _agreed(question, console):
        console.fail(CANCELED_KIND, _("Nothing was removed."))
        return ExitCode.CANCELED
    kept = _remove(entry) if entry else None
    if left:
        discard(left.name)
    name = short_name(entry) if entry else options.model
    console.show(_told(name, kept, entry is not None))
    console.answer({"model": entry.name if entry else options.model, "trash": str(kept) if kept else None})
    return ExitCode.DONE


def _question(entry: ModelEntry) -> str:
    """Return what to ask; raises SketchDeskError(BAD_INPUT) for what is not ours to take away."""
    name, used = short_name(entry), len(uses_of(entry, model_uses()))
    if is_own_copy(entry.path):
        text = _("Move “{name}” ({size}) to the trash?").format(name=name, size=size_text(entry.size_bytes))
        runs = ngettext("{count} run has used it.", "{count} runs have used it.", used).format(count=used)
        return f"{text} {runs}" if used else text
    if entry.origin == "linked":
        return _("Take “{name}” off the list? Its files stay.").format(name=name)
    text = _("“{name}” belongs to SketchDesk itself, to a training or to another program, so it was left as it is.")
    raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(name=name))


def _agreed(question: str, console: Console) -> bool:
    """Ask. Raises SketchDeskError(BAD_INPUT) where nobody is there to answer."""
    if console.json_output or not sys.stdin or not sys.stdin.isatty():
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("Nobody can be asked here; say --yes."))
    console.say(question + _(" [y/N]"))
    return sys.stdin.readline().strip().casefold() in {_("y"), _("yes")}


def _remove(entry: ModelEntry) -> Path | None:
    if is_own_copy(entry.path):
        return trash_model(entry.path).folders[0].kept
    from sketchdesk.library.settings import change_settings, without_model

    change_settings(lambda settings: without_model(settings, entry.name))
    return None


def _told(name: str, kept: Path | None, was_model: bool) -> str:
    if kept:
        return _("“{name}” is in the trash: {path}").format(name=name, path=kept)
    if was_model:
        return _("“{name}” is no longer listed; its files stay where they are.").format(name=name)
    return _("What had arrived of “{name}” is deleted.").format(name=name)
