"""`sketchdesk models`: what is on this machine, and how more of it gets here, is checked, and goes."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.models import convert, download, exporting, importing, instant, listing, remove, setting, verify
from sketchdesk.cli.parser import Command, Parser, add_commands
from sketchdesk.contracts.text import N_

HELP = N_("list, download, import, convert, export, verify and remove models")
DESCRIPTION = N_("Look after the models on this machine.")
COMMANDS: dict[str, Command] = {
    "list": listing, "download": download, "import": importing, "convert": convert, "instant": instant,
    "export": exporting, "set": setting, "verify": verify, "remove": remove,
}  # fmt: skip


def configure(parser: Parser) -> None:
    """Add the command's commands."""
    add_commands(parser, COMMANDS, required=True)


def run(options: Namespace, console: Console) -> ExitCode:
    """List the models; a command of its own takes this one's place."""
    return listing.run(options, console)
