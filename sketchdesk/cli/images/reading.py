"""`sketchdesk images read`: bring the index up to what is on disk, or make it anew."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import msgspec

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.image_filters import status
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _, ngettext

HELP = N_("read the folders of the gallery")
DESCRIPTION = N_(
    "Read what is new and changed in the folders of the gallery. Stopped by Ctrl+C, the next time goes on where it "
    "stopped."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--rebuild", action="store_true", help=_("forget what is known, and read everything anew"))
    parser.add_argument("--add", action="append", default=[], metavar="DIR", help=_(
        "a folder whose pictures are to be in the gallery, where they lie; repeatable"
    ))


def run(options: Namespace, console: Console) -> ExitCode:
    """Read, and answer with how many images there are."""
    from sketchdesk.library.index.index import ImageIndex, Query
    from sketchdesk.library.paths import index_file
    from sketchdesk.library.settings import change_settings, load_settings, with_folders

    settings = load_settings()
    folders = [Path(folder).expanduser().absolute() for folder in options.add]
    for folder in folders:
        if not folder.is_dir():
            raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{file}” is not a folder.").format(file=folder))
    if folders:
        settings = change_settings(
            lambda now: msgspec.structs.replace(now, gallery_folders=with_folders(now, folders))
        )
    tell = status(console, _("reading images"))
    with ImageIndex(index_file(), settings.all_image_folders) as index:
        if options.rebuild:
            read = total = index.rebuild(tell)
        else:
            read, total = index.refresh(tell), index.count(Query())
    text = ngettext("{count} image is in the gallery.", "{count} images are in the gallery.", total)
    console.say(text.format(count=total))
    console.answer({"read": read, "images": total})
    return ExitCode.DONE
