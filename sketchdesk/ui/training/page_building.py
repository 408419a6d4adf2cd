"""The training tab's inside made bit by bit. Loading this loads the charts' libraries, which takes a moment."""

from __future__ import annotations

from collections.abc import Iterator

from sketchdesk.ui.training.charts.chart import Chart
from sketchdesk.ui.training.charts.charts import Charts, make_charts
from sketchdesk.ui.training.dashboard import Dashboard
from sketchdesk.ui.training.recipe.forecast_card import ForecastCard
from sketchdesk.ui.training.recipe.form import FIRST, RecipeForm
from sketchdesk.ui.training.recipe.group import form_fields
from sketchdesk.ui.training.recipe.panel import RecipePanel
from sketchdesk.ui.training.recipe.preset_box import PresetBox
from sketchdesk.ui.training.runs.follower import RunFollower
from sketchdesk.ui.training.training_page import TrainingPage
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner


def build_page(runner: JobRunner, background: Background) -> Iterator[TrainingPage | None]:
    """Make the parts of a page one by one, for whoever does other things in between; the last that comes is it.

    The page has then to be put where it belongs, and `put_together`.
    """
    charts: list[Chart] = []
    for chart in make_charts():
        charts.append(chart)
        yield None
    fields = None
    for fields in form_fields(FIRST, background):  # noqa: B007 - the last counts
        yield None
    assert fields
    form = RecipeForm(fields)
    yield None
    preset, forecast = PresetBox(form, background), ForecastCard(background)
    yield None
    recipe = RecipePanel(runner, form, preset, forecast)
    yield None
    follower = RunFollower(background)
    together = Charts(charts)
    yield None
    dashboard = Dashboard(follower, background, together)
    yield None
    yield TrainingPage(runner, background, follower, dashboard, recipe)
