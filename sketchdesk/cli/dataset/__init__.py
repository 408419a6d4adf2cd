"""`sketchdesk dataset`: what is in a set of pictures with captions."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.dataset import caption, check
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Command, Parser, add_commands
from sketchdesk.contracts.text import N_

HELP = N_("look through pictures with captions before training on them")
DESCRIPTION = N_("Look after sets of pictures with captions.")
COMMANDS: dict[str, Command] = {"check": check, "caption": caption}


def configure(parser: Parser) -> None:
    """Add the command's commands."""
    add_commands(parser, COMMANDS, required=True)


def run(options: Namespace, console: Console) -> ExitCode:
    """Check the set; a command of its own takes this one's place."""
    return check.run(options, console)
