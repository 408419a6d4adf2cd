"""`sketchdesk models verify`: read models again and hold them against the checksums they came with."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode, of_kind
from sketchdesk.cli.models.finding import find_model
from sketchdesk.cli.parser import Parser
from sketchdesk.cli.progress import bytes_text
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.installed import ModelEntry, list_models
from sketchdesk.library.models.uses import short_name

HELP = N_("check that models are whole and unchanged")
DESCRIPTION = N_(
    "Read models again: what was downloaded is held against its publisher's checksums, the rest against what a model "
    "must be made of. Without a name all of them."
)

_CERTAIN = {"checksums": N_("complete, checksums right"), "form": N_("complete; no checksums are known for it")}


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("model", nargs="?", help=_("its name or its path; all models unless given"))


def run(options: Namespace, console: Console) -> ExitCode:
    """Check, tell of each, and end well only if all are well."""
    entries = [find_model(options.model)] if options.model else list_models()
    worst: SketchDeskError | None = None
    answers: list[dict[str, object]] = []
    for entry in entries:
        answer, error = _verified(entry, console)
        answers.append(answer)
        worst = worst or error
    console.answer({"ok": worst is None, "models": answers})
    return of_kind(worst.kind) if worst else ExitCode.DONE


def _verified(entry: ModelEntry, console: Console) -> tuple[dict[str, object], SketchDeskError | None]:
    from sketchdesk.library.hub.verify import verify_model

    name = short_name(entry)

    def tell(done: int, total: int) -> None:
        if console.is_terminal:
            console.status(f"{name}  {bytes_text(done, total)}")

    try:
        certainty = verify_model(entry.path, tell)
    except SketchDeskError as error:
        console.show(f"{name}: {error.message} {error.next_step}")
        problem = {"kind": error.kind or ErrorKind.INTERNAL, "message": error.message, "next_step": error.next_step}
        return {"model": entry.name, "path": str(entry.path), "ok": False, "by": None, "error": problem}, error
    console.show(f"{name}: {_(_CERTAIN[certainty])}")
    return {"model": entry.name, "path": str(entry.path), "ok": True, "by": certainty, "error": None}, None
