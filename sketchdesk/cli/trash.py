"""`sketchdesk trash`: what was thrown away is listed, brought back, or deleted for good."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime

from sketchdesk.cli.console import ERROR_KEY, Console
from sketchdesk.cli.exit_codes import ExitCode, of_kind
from sketchdesk.cli.parser import Parser
from sketchdesk.cli.progress import size_text
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.trash.whole_trash import (
    Batch,
    all_batches,
    bring_back_each,
    contents,
    delete_for_good,
    kind_of,
    places_of,
    told_back,
    told_deleted,
)

HELP = N_("list, bring back or delete for good what is in the trash")
DESCRIPTION = N_(
    "List what was moved to the trash, the last first: pictures, checkpoints and models, each batch with its name and "
    "the room it takes. With --restore batches come back to where they were; with --delete they are deleted for good."
)


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("batches", nargs="*", metavar="BATCH", help=_("a batch, by its name in the list"))
    parser.add_argument("--all", action="store_true", help=_("all batches"))
    wished = parser.add_mutually_exclusive_group()
    wished.add_argument("--restore", action="store_true", help=_("bring them back; the last one unless named"))
    wished.add_argument("--delete", action="store_true", help=_("delete them for good; they must be named"))


def run(options: Namespace, console: Console) -> ExitCode:
    """List, restore or delete, and answer with the batches, with what is back and where, or with how much is gone.

    Where batches cannot come back the others do, and the exit status is that of the first that cannot.
    """
    chosen = _chosen(options, all_batches())
    if not chosen:
        console.say(_("The trash is empty."))
    if options.restore:
        return _restore(chosen, console)
    if options.delete:
        _delete(chosen, console)
    else:
        _list(chosen, console)
    return ExitCode.DONE


def _restore(chosen: Sequence[Batch], console: Console) -> ExitCode:
    returned = bring_back_each(chosen)
    for one in returned:
        for now in one.back.values():
            console.show(str(now))
        if one.back or not one.error:
            console.say(told_back(kind_of(one.batch), len(one.back)))
    restored = [{"from": str(old), "path": str(now)} for one in returned for old, now in one.back.items()]
    refused = [(one.batch.folder.name, one.error) for one in returned if one.error]
    for name, error in refused:
        console.say(f"{name}: {error.message} {error.details or error.next_step}")
    if not refused:
        console.answer({"restored": restored})
        return ExitCode.DONE
    told = [{"name": name, "kind": error.kind, "message": error.message, "next_step": error.next_step}
            for name, error in refused]  # fmt: skip
    console.answer({ERROR_KEY: told[0], "restored": restored, "refused": told})
    return of_kind(refused[0][1].kind)


def _delete(chosen: Sequence[Batch], console: Console) -> None:
    size_bytes = sum(batch.size_bytes for batch in chosen)
    gone = delete_for_good(chosen)
    for kind, count in gone.items():
        console.say(told_deleted(kind, count))
    console.answer({"deleted": gone.total(), "bytes": size_bytes})


def _list(chosen: Sequence[Batch], console: Console) -> None:
    sizes = [batch.size_bytes for batch in chosen]  # folders are walked for it
    for batch, size in zip(chosen, sizes, strict=True):
        console.show(f"{batch.folder.name}  {_when(batch.moved)}  {size_text(size):>9}  {contents(batch)}")
    if chosen:
        text = _("What is here takes {size}. What is deleted for good cannot come back.")
        console.say(text.format(size=size_text(sum(sizes))))
    console.answer({
        "batches": [_described(batch, size) for batch, size in zip(chosen, sizes, strict=True)], "bytes": sum(sizes),
    })


def _chosen(options: Namespace, found: Sequence[Batch]) -> Sequence[Batch]:
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


def _described(batch: Batch, size_bytes: int) -> dict[str, object]:
    return {
        "name": batch.folder.name, "kind": kind_of(batch), "moved": batch.moved, "bytes": size_bytes,
        "from": [str(place) for place in places_of(batch)],
    }  # fmt: skip


def _when(moved: str) -> str:
    """Return when a batch was moved, by this machine's clock."""
    try:
        return f"{datetime.fromisoformat(moved).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:  # somebody wrote into the manifest
        return moved
