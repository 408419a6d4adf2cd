"""`sketchdesk images list`: every picture that was drawn without keeping it and waits to be saved."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.text import N_, _, ngettext

HELP = N_("say which pictures are not saved")
DESCRIPTION = N_("List the pictures that were drawn without keeping them, in the order they were drawn.")


def configure(_parser: Parser) -> None:
    """Add the command's arguments: it has none of its own."""


def run(_options: Namespace, console: Console) -> ExitCode:
    """Tell what waits."""
    from sketchdesk.library.drawing.unsaved import unsaved_images
    from sketchdesk.library.images.metadata import read_record

    found = []
    for path in unsaved_images():
        record = read_record(path)
        console.show(str(path))
        found.append({
            "path": str(path), "prompt": record.prompt if record else "", "seed": record.seed if record else None,
        })  # fmt: skip
    if not found:
        console.say(_("Nothing waits to be saved."))
    else:
        text = ngettext("{count} picture is not saved.", "{count} pictures are not saved.", len(found))
        console.say(text.format(count=len(found)))
    console.answer({"images": found})
    return ExitCode.DONE
