"""The parser every command shares: errors as exceptions, help in the language in use, exit codes in every epilog."""

from __future__ import annotations

import textwrap
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping
from typing import NoReturn, Protocol

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode, epilog
from sketchdesk.cli.fields import choices_of, value_of
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import N_, _

ARGPARSE_MESSAGES = (
    N_("usage: "),
    N_("options"),
    N_("positional arguments"),
    N_("show this help message and exit"),
    N_("argument %(argument_name)s: %(message)s"),
    N_("the following arguments are required: %s"),
    N_("one of the arguments %s is required"),
    N_("not allowed with argument %s"),
    N_("unrecognized arguments: %s"),
    N_("expected one argument"),
    N_("expected at least one argument"),
    N_("invalid choice: %(value)r (choose from %(choices)s)"),
)
"""What argparse itself says; it looks these up in our catalogue, so they are listed here to be in it."""


class UsageError(Exception):
    """The arguments do not make a command. The text says why; `usage` is the short reminder."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message)
        self.usage = usage


class Parser(ArgumentParser):
    """An ArgumentParser that raises UsageError instead of leaving the process."""

    def __init__(self, prog: str, description: str) -> None:
        super().__init__(
            prog, description=description, epilog=epilog(), formatter_class=RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )  # fmt: skip

    def error(self, message: str) -> NoReturn:
        """Raise UsageError."""
        raise UsageError(message, self.format_usage().rstrip())


class Command(Protocol):
    """What the module of a command offers; texts are marked, and translated when the parser is made."""

    HELP: str
    DESCRIPTION: str

    def configure(self, parser: Parser) -> None:
        """Add the command's arguments."""

    def run(self, options: Namespace, console: Console) -> ExitCode:
        """Do the work, write the answer, return the exit status."""


def add_commands(parser: Parser, commands: Mapping[str, Command], required: bool) -> None:
    """Give a parser sub-commands by name, each with --json. The options remember the command's `run`."""
    choices = parser.add_subparsers(
        title=_("commands"), metavar="COMMAND", dest="command", required=required, parser_class=Parser
    )
    for name, command in commands.items():
        added = choices.add_parser(name, help=_(command.HELP), description=wrapped(_(command.DESCRIPTION)))
        added.set_defaults(run=command.run)
        command.configure(added)
        added.add_argument("--json", action="store_true", help=_(
            "make the last line of standard output one JSON object; messages go to standard error"
        ))


def wrapped(text: str) -> str:
    """Return a paragraph in lines a terminal shows well."""
    return textwrap.fill(text, 78)


def add_out(parser: Parser, text: str, required: bool = False) -> None:
    """Add --out."""
    parser.add_argument("--out", metavar="DIR", required=required, help=text)


def add_device(parser: Parser) -> None:
    """Add --device and --precision."""
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda|cuda:1|mps", help=_("where to compute"))
    parser.add_argument(
        "--precision",
        default="auto",
        metavar="|".join(choices_of(GenerateJob, "precision")),
        type=value_of(GenerateJob, "precision"),
        help=_("the numbers to compute in; auto takes the fastest that works"),
    )
