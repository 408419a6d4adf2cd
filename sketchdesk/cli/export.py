"""`sketchdesk export`: hand the library's images on, as the gallery's export does."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import get_args

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.fields import word_among
from sketchdesk.cli.image_filters import add_filters, chosen, open_index, status
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.export.axes import AXES
from sketchdesk.library.export.names import FIELDS
from sketchdesk.library.export.plan import ExportPlan, Kind

HELP = N_("export images: copies, a ZIP archive, a contact sheet, a web page, a table")
DESCRIPTION = N_(
    "Export the images of the gallery that the filters let through. Nothing is replaced: a file that is there already "
    "is an error, and copies in a folder get a number."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    kinds = get_args(Kind)
    parser.add_argument("kind", type=word_among(kinds), metavar="|".join(kinds), help=_("what to make"))
    parser.add_argument("target", metavar="PATH", help=_("the folder or file to make"))
    parser.add_argument("--names", default="", metavar="PATTERN", help=_(
        "names for copies, with {fields} filled in; their own names unless given"
    ).format(fields=", ".join(f"{{{field}}}" for field in FIELDS)))
    parser.add_argument("--title", default="", metavar="TEXT", help=_("what stands above a sheet or a page"))
    axes = tuple(AXES)
    for option, text in (
        ("--across", _("what grows from column to column of a sheet")),
        ("--down", _("what grows from row to row of a sheet")),
    ):
        parser.add_argument(option, type=word_among(axes), metavar="|".join(axes), help=text)
    parser.add_argument("--columns", type=int, metavar="NUMBER", help=_("columns of a sheet without axes"))
    parser.add_argument("--dark", action="store_true", help=_("a sheet on dark paper"))
    parser.add_argument("--no-captions", action="store_true", help=_("a sheet without words below its images"))
    parser.add_argument("--originals", action="store_true", help=_("put the image files beside a page"))
    add_filters(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Export, and answer with what was made."""
    target = Path(options.target).expanduser().absolute()
    if target.exists() and (options.kind != "folder" or not target.is_dir()):
        message = _("“{file}” is there already.").format(file=target)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    plan = ExportPlan(
        kind=options.kind, target=target, pattern=options.names, title=options.title, columns=_columns(options.columns),
        across=options.across, down=options.down, captions=not options.no_captions, dark=options.dark,
        originals=options.originals,
    )  # fmt: skip
    with open_index(console) as index:
        images = chosen(options, index)
    done = plan.run(images, status(console, _("exporting")))
    for file in done.left_out:
        console.say(_("“{file}” could not be read and was left out.").format(file=file))
    for file in (done.target,) if options.kind == "folder" else done.files:
        console.show(str(file))
    text = ngettext("{count} image was exported.", "{count} images were exported.", done.images)
    console.say(text.format(count=done.images))
    console.answer(
        {
            "target": str(done.target), "files": [str(file) for file in done.files], "images": done.images,
            "left_out": [str(file) for file in done.left_out],
        }
    )  # fmt: skip
    return ExitCode.DONE


def _columns(given: int | None) -> int | None:
    if given is not None and not 1 <= given <= 100:
        wanted = _("a whole number from {low} to {high}").format(low=1, high=100)
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{given}” is not {wanted}.").format(given=given, wanted=wanted))
    return given
