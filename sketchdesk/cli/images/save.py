"""`sketchdesk images save`: pictures drawn without keeping them go where their runs were to draw, or elsewhere."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.images.choosing import add_choice, chosen
from sketchdesk.cli.parser import Parser, add_out
from sketchdesk.contracts.text import N_, _, ngettext

HELP = N_("save pictures that were drawn without keeping them")
DESCRIPTION = N_("Move pictures that were drawn without keeping them to the images; nothing there is replaced.")


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_choice(parser)
    add_out(parser, _("the folder for the images; where each was to be drawn unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Save them, and answer with where each is."""
    from sketchdesk.library.drawing.keeping import keep_images
    from sketchdesk.library.index.index import ImageIndex
    from sketchdesk.library.paths import index_file
    from sketchdesk.library.settings import load_settings

    folder = Path(options.out).expanduser().resolve() if options.out else None
    with ImageIndex(index_file(), [load_settings().images_folder]) as index:
        images = [index.find(path) or index.add_image(path) for path in chosen(options)]
        kept = keep_images([image for image in images if image], index, folder)
    for place in kept.values():
        console.show(str(place))
    text = ngettext("{count} picture was saved.", "{count} pictures were saved.", len(kept))
    console.say(text.format(count=len(kept)))
    console.answer({"saved": [{"from": str(old), "path": str(new)} for old, new in kept.items()]})
    return ExitCode.DONE
