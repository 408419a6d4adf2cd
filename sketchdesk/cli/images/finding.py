"""`sketchdesk images find`: which images the gallery has."""

from __future__ import annotations

from argparse import Namespace

import msgspec

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.image_filters import add_filters, chosen, open_index
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.text import N_
from sketchdesk.library.index.index import GalleryImage

HELP = N_("find images of the gallery")
DESCRIPTION = N_("List the images of the gallery that the filters let through, a path a line.")


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_filters(parser)


def run(options: Namespace, console: Console) -> ExitCode:
    """List them; as JSON with all that is known of each."""
    with open_index(console) as index:
        images = chosen(options, index)
    for image in images:
        console.show(str(image.path))
    console.answer({"images": [described(image) for image in images]})
    return ExitCode.DONE


def described(image: GalleryImage) -> dict[str, object]:
    """Return what is known of an image as the JSON answer has it."""
    return {
        "path": str(image.path), "starred": image.starred, "tags": list(image.tags), "scores": image.scores,
        "caption": image.caption, "run": image.run,
        "settings": msgspec.to_builtins(image.record) if image.record else None,
    }  # fmt: skip
