"""`sketchdesk images`: pictures that were drawn without keeping them are listed, saved, dropped."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.images import drop, listing, save
from sketchdesk.cli.parser import Command, Parser, add_commands
from sketchdesk.contracts.text import N_

HELP = N_("list, save and drop what was drawn without keeping it")
DESCRIPTION = N_("Look after the pictures that `sketchdesk generate --no-keep`, or the window, drew without keeping.")
COMMANDS: dict[str, Command] = {"list": listing, "save": save, "drop": drop}


def configure(parser: Parser) -> None:
    """Add the command's commands."""
    add_commands(parser, COMMANDS, required=True)


def run(options: Namespace, console: Console) -> ExitCode:
    """List them; a command of its own takes this one's place."""
    return listing.run(options, console)
