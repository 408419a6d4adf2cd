"""`sketchdesk images tag`: give and take tags."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.image_filters import add_filters, chosen, open_index
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _, ngettext

HELP = N_("tag images")
DESCRIPTION = N_("Give tags to all images that the filters let through, and take others away.")


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--add", default="", metavar="TAGS", help=_("tags to give, with commas between them"))
    parser.add_argument("--remove", default="", metavar="TAGS", help=_("tags to take away"))
    add_filters(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """Tag, and answer with how many images were."""
    from sketchdesk.library.images.tags import Tags, tags_in

    add, remove = tags_in(options.add), tags_in(options.remove)
    if not add and not remove:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("Name tags with --add or --remove."))
    with open_index(console) as index:
        images = chosen(options, index)
        tags = Tags.load()
        tags.change([image.path for image in images], add, remove)
        index.mirror_tags(tags)
    text = ngettext("{count} image was tagged.", "{count} images were tagged.", len(images))
    console.say(text.format(count=len(images)))
    console.answer({"images": len(images), "added": add, "removed": remove})
    return ExitCode.DONE
