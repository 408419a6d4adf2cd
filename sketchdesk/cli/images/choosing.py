"""Which of the pictures that wait to be saved a command is about."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _


def add_choice(parser: Parser) -> None:
    """Add the arguments: some pictures, or all."""
    asked = parser.add_mutually_exclusive_group(required=True)
    asked.add_argument("pictures", nargs="*", default=[], metavar="FILE", help=_("a picture that is not saved"))
    asked.add_argument("--all", action="store_true", help=_("all that are not saved"))


def chosen(options: Namespace) -> list[Path]:
    """Return the pictures, each of which waits to be saved. Raises SketchDeskError(BAD_INPUT) for any other."""
    from sketchdesk.library.drawing.unsaved import is_unsaved, unsaved_images

    if options.all:
        return unsaved_images()
    paths = [Path(name).expanduser().absolute() for name in options.pictures]
    for path in paths:
        if not is_unsaved(path) or not path.is_file():
            text = _("“{file}” is not a picture that waits to be saved; `sketchdesk images list` lists them.")
            raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(file=path))
    return paths
