"""How the training page was left, for the next window: its recipe, sizes, how the charts are drawn, which run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sketchdesk.library.files.loose import items, mapping, number, text, whole
from sketchdesk.ui.training.charts.below_charts import LOG, NOTES, SAMPLES

if TYPE_CHECKING:
    from sketchdesk.ui.training.training_page import TrainingPage

PageState = dict[str, object]


def state_of(page: TrainingPage) -> PageState:
    """Return what should be as it is next time."""
    return {
        "recipe": page.recipe.save_state(),
        "columns": page.splitter.sizes(),
        "rows": page.dashboard.splitter.sizes(),
        "smoothing": page.dashboard.tools.smoothing,
        "log": page.dashboard.tools.is_log,
        "charts": page.dashboard.charts.picked,
        "page": page.dashboard.below.page,
        "run": page.runs.selected_id,
    }


def restore(page: TrainingPage, state: PageState) -> None:
    """Bring it back as far as it can be understood."""
    page.recipe.restore_state(mapping(state.get("recipe")))
    for splitter, name in ((page.splitter, "columns"), (page.dashboard.splitter, "rows")):
        sizes = [size for each in items(state.get(name)) if (size := whole(each)) is not None]
        if len(sizes) == splitter.count() and all(sizes):  # what was hidden had none, and would stay unseen
            splitter.setSizes(sizes)
    smoothing = number(state.get("smoothing"))
    if smoothing is not None:
        page.dashboard.tools.set_values(smoothing, state.get("log") is True)
    page.dashboard.charts.set_picked([text(each) for each in items(state.get("charts"))])
    shown = whole(state.get("page"))
    page.dashboard.below.show_page(shown if shown in (SAMPLES, LOG, NOTES) else SAMPLES)
    page.select_once_known(text(state.get("run")) if Path(text(state.get("run"))).name else "")
