"""What the command palette offers: every action that can be done now, every model, every run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.uses import short_name
from sketchdesk.library.runs.runs import Run
from sketchdesk.ui.models.model_table import DRAWING
from sketchdesk.ui.sentences import job_icon, job_text
from sketchdesk.ui.shell.action_book import ActionBook
from sketchdesk.ui.shell.palette import PaletteItem
from sketchdesk.ui.shell.shelf import Shelf

RUNS = 300
"""The newest runs; older ones are found in their tabs."""


def palette_items(
    book: ActionBook, shelf: Shelf, use_model: Callable[[str], object], show_run: Callable[[Run], object]
) -> list[PaletteItem]:
    """Return the lines of the palette, actions first."""
    return [*_actions(book), *_models(shelf.models, use_model), *_runs(shelf.runs, show_run)]


def _actions(book: ActionBook) -> Iterator[PaletteItem]:
    for entry in book.entries:
        if entry.is_enabled and entry.spec.name != "palette":
            yield PaletteItem(entry.title, partial(book.run, entry), entry.shortcut, entry.spec.icon or "command")


def _models(models: list[ModelEntry], use: Callable[[str], object]) -> Iterator[PaletteItem]:
    for entry in models:
        if entry.family in DRAWING and not entry.problem:
            title = _("Draw with {model}").format(model=short_name(entry))
            yield PaletteItem(title, partial(use, entry.name), _("model"), "box")


def _runs(runs: list[Run], show: Callable[[Run], object]) -> Iterator[PaletteItem]:
    for run in reversed(runs[-RUNS:]):
        yield PaletteItem(job_text(run.job, run.title), partial(show, run), run.created[:10], job_icon(run.job))
