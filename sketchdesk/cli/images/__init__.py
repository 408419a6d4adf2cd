"""`sketchdesk images`: the gallery's, and those drawn without keeping."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.images import drop, finding, listing, reading, save, showing, tagging
from sketchdesk.cli.parser import Command, Parser, add_commands
from sketchdesk.contracts.text import N_

HELP = N_("find, read, show and tag images; list, save and drop what was drawn without keeping it")
DESCRIPTION = N_(
    "Look after the images of the gallery, and after those that `sketchdesk generate --no-keep`, or the window, drew "
    "without keeping."
)
COMMANDS: dict[str, Command] = {
    "find": finding, "read": reading, "show": showing, "tag": tagging, "list": listing, "save": save, "drop": drop,
}  # fmt: skip


def configure(parser: Parser) -> None:
    """Add the command's commands."""
    add_commands(parser, COMMANDS, required=True)


def run(options: Namespace, console: Console) -> ExitCode:
    """List what is not saved; a command of its own takes this one's place."""
    return listing.run(options, console)
