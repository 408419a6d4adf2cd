"""`sketchdesk images trash`: what was moved to the trash is listed, brought back, or deleted for good."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.trash import TrashBatch, batches, empty_trash, restore

HELP = N_("list, bring back or delete for good what is in the trash")
DESCRIPTION = N_(
    "List what was moved to the trash, the last first, each batch with its name. With --restore batches come back to "
    "where they were; with --delete they are deleted for good."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("batches", nargs="*", metavar="BATCH", help=_("a batch, by its name in the list"))
    parser.add_argument("--all", action="store_true", help=_("all batches"))
    wished = parser.add_mutually_exclusive_group()
    wished.add_argument("--restore", action="store_true", help=_("bring them back; the last one unless named"))
    wished.add_argument("--delete", action="store_true", help=_("delete them for good; they must be named"))


def run(options: Namespace, console: Console) -> ExitCode:
    """List, restore or delete, and answer with the batches, the images that are back, or how many are gone."""
    chosen = _chosen(options, batches())
    if options.restore:
        back = [pair for batch in chosen for pair in restore(batch).items()]
        for _old, now in back:
            console.show(str(now))
        text = ngettext("{count} picture is back.", "{count} pictures are back.", len(back))
        console.say(text.format(count=len(back)))
        console.answer({"restored": [{"from": str(old), "path": str(now)} for old, now in back]})
    elif options.delete:
        count = empty_trash(chosen)
        text = ngettext("{count} picture was deleted for good.", "{count} pictures were deleted for good.", count)
        console.say(text.format(count=count))
        console.answer({"deleted": count})
    else:
        for batch in chosen:
            pictures = ngettext("{count} picture", "{count} pictures", len(batch.images))
            console.show(f"{batch.folder.name}  {pictures.format(count=len(batch.images))}")
        if not chosen:
            console.say(_("The trash is empty."))
        console.answer({"batches": [_described(batch) for batch in chosen]})
    return ExitCode.DONE


def _chosen(options: Namespace, found: Sequence[TrashBatch]) -> Sequence[TrashBatch]:
    """Return the batches that are meant. Raises SketchDeskError(BAD_INPUT) for one that is not there."""
    by_name = {batch.folder.name: batch for batch in found}
    for name in options.batches:
        if name not in by_name:
            raise SketchDeskError(ErrorKind.BAD_INPUT, _("The trash has no batch “{name}”.").format(name=name))
    if options.batches:
        return [by_name[name] for name in dict.fromkeys(options.batches)]
    if options.delete and not options.all:
        raise SketchDeskError(ErrorKind.BAD_INPUT, _("Name the batches to delete, or say --all."))
    return found[:1] if options.restore and not options.all else found


def _described(batch: TrashBatch) -> dict[str, object]:
    return {
        "name": batch.folder.name, "moved": batch.moved, "bytes": batch.size_bytes,
        "images": [str(image.original) for image in batch.images],
    }  # fmt: skip
