"""The commands: read the arguments, run the command, turn whatever happens into one sentence and one exit status."""

from __future__ import annotations

import contextlib
from argparse import Namespace
from collections.abc import Sequence

from sketchdesk import __version__
from sketchdesk.cli import (
    again,
    dataset,
    demo,
    distill,
    doctor,
    evaluate,
    export,
    generate,
    guide,
    images,
    models,
    study,
    train,
    trash,
)
from sketchdesk.cli.console import Console, drop_broken_pipes, prepare_streams
from sketchdesk.cli.exit_codes import CANCELED_KIND, ExitCode, of_kind
from sketchdesk.cli.language import choose_language
from sketchdesk.cli.parser import Command, Parser, UsageError, add_commands, wrapped
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.logs import setup_logging

JSON_FLAG = "--json"
COMMANDS: dict[str, Command] = {
    "generate": generate, "again": again, "train": train, "distill": distill, "evaluate": evaluate, "study": study,
    "images": images, "export": export, "models": models, "dataset": dataset, "trash": trash, "demo": demo,
    "doctor": doctor, "guide": guide,
}  # fmt: skip
DESCRIPTION = N_(
    "Teach a text-to-image model a style, draw with it, and know whether it got better. Without a command the window "
    "opens."
)


def main(argv: Sequence[str]) -> int:
    """Run one command and return its exit status; an ExitCode, whatever happens."""
    prepare_streams()
    choose_language()
    console = Console(JSON_FLAG in argv)
    try:
        return _run(argv, console)
    finally:
        drop_broken_pipes()


def build_parser() -> Parser:
    """Return the parser of all commands, with help in the language in use."""
    parser = Parser("sketchdesk", wrapped(_(DESCRIPTION)))
    parser.add_argument(
        "--version", action="version", version=f"SketchDesk {__version__}", help=_("show the version and exit")
    )
    add_commands(parser, COMMANDS, required=True)
    return parser


def _run(argv: Sequence[str], console: Console) -> ExitCode:
    try:
        options = _options(argv)
        _write_log()
        code: ExitCode = options.run(options, console)
        return code
    except SystemExit:  # argparse, after --help and --version
        return ExitCode.DONE
    except UsageError as error:
        console.say(error.usage)
        console.fail(ErrorKind.BAD_INPUT, str(error), _("`sketchdesk --help` lists the commands and options."))
        return ExitCode.BAD_INPUT
    except SketchDeskError as error:
        console.fail(error.kind, error.message, error.next_step)
        return of_kind(error.kind)
    except KeyboardInterrupt:
        console.fail(CANCELED_KIND, _("Canceled."))
        return ExitCode.CANCELED
    except Exception as error:  # noqa: BLE001 - the last place where a failure can still be told in a sentence
        return _tell_of_a_mistake(error, console)


def _write_log() -> None:
    """Send the details of failures to the log file, which leaves the screen to the sentences."""
    with contextlib.suppress(OSError, SketchDeskError):  # a data folder that cannot be used is told by who needs it
        setup_logging("cli")


def _options(argv: Sequence[str]) -> Namespace:
    """Read the arguments. Raises UsageError, also for a name in no encoding, which would fail later, deep inside."""
    parser = build_parser()
    for argument in argv:
        try:
            argument.encode()
        except UnicodeEncodeError:
            parser.error(_("“{text}” is not text that can be read.").format(text=ascii(argument)))
    return parser.parse_args(argv, Namespace(arguments=list(argv)))


def _tell_of_a_mistake(error: Exception, console: Console) -> ExitCode:
    """Tell of an exception nobody foresaw with the same sentences, and exit status, a job would use."""
    from sketchdesk.engine.session import ended_by

    ended = ended_by(error)
    if ended.kind == ErrorKind.INTERNAL:
        console.say(ended.details)
    console.fail(ended.kind or ErrorKind.INTERNAL, ended.message, ended.next_step)
    return of_kind(ended.kind)
