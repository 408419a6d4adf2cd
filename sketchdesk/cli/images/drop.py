"""`sketchdesk images drop`: pictures drawn without keeping them go to the trash, from which they can come back."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.images.choosing import add_choice, chosen
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.text import N_, ngettext

HELP = N_("move pictures that were drawn without keeping them to the trash")
DESCRIPTION = N_("Move pictures that were drawn without keeping them to the data folder's trash.")


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_choice(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Drop them, and answer with where they lie now."""
    from sketchdesk.library.trash.trash import move_to_trash

    batch = move_to_trash(chosen(options))
    text = ngettext("{count} picture is in the trash.", "{count} pictures are in the trash.", len(batch.images))
    console.say(text.format(count=len(batch.images)))
    console.answer({"trash": [{"from": str(one.original), "path": str(one.kept)} for one in batch.images]})
    return ExitCode.DONE
