"""`sketchdesk models list`: every model on this machine, and the downloads that were begun."""

from __future__ import annotations

from argparse import Namespace

from sketchdesk.cli.console import Console
from sketchdesk.cli.exit_codes import ExitCode
from sketchdesk.cli.parser import Parser
from sketchdesk.cli.progress import size_text
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.installed import ModelEntry, list_models
from sketchdesk.library.models.uses import Uses, model_uses, short_name, uses_of

HELP = N_("say which models are here")
DESCRIPTION = N_(
    "List the models on this machine: name, family, precision, size, licence, origin and in how many runs each is used."
)


def configure(_parser: Parser) -> None:
    """Add the command's arguments: it has none of its own."""


def run(_options: Namespace, console: Console) -> ExitCode:
    """Tell what is here."""
    from sketchdesk.library.hub.staging import unfinished_downloads

    entries, uses, unfinished = list_models(), model_uses(), unfinished_downloads()
    heads = (_("name"), _("family"), _("precision"), _("size"), _("licence"), _("origin"), _("used in"))
    rows = [heads, *(_row(entry, uses) for entry in entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    for number, row in enumerate(rows):
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        console.show("  ".join(cells).rstrip())
        if number and (problem := entries[number - 1].problem):
            console.show(f"  → {problem}")
    for one in unfinished:
        text = _("unfinished: {name}, {size} have arrived")
        console.show(text.format(name=one.name, size=size_text(one.size_bytes)))
    console.answer({
        "models": [described(entry, uses) for entry in entries],
        "unfinished": [{"name": one.name, "size_bytes": one.size_bytes} for one in unfinished],
    })
    return ExitCode.DONE


def described(entry: ModelEntry, uses: Uses) -> dict[str, object]:
    """Return a model as the JSON answer lists it."""
    return {
        "name": short_name(entry), "model": entry.name, "path": str(entry.path), "origin": entry.origin,
        "family": entry.family, "size_bytes": entry.size_bytes, "licence": entry.licence,
        "precision": entry.precision, "prediction_type": entry.prediction_type, "problem": entry.problem,
        "used_in": [run.title for run in uses_of(entry, uses)],
    }  # fmt: skip


def _row(entry: ModelEntry, uses: Uses) -> tuple[str, ...]:
    used = len(uses_of(entry, uses))
    facts = (entry.family, entry.precision, size_text(entry.size_bytes), entry.licence, entry.origin, str(used))
    return short_name(entry), *(fact or "-" for fact in facts)
