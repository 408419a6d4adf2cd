"""What a page of results is put together from, made in steps: each part takes its time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sketchdesk.ui.evaluation.results.caption_table import (
    PlainTable,
    PlainView,
    caption_titles,
    model_titles,
)
from sketchdesk.ui.evaluation.results.choosing_card import ChoosingCard
from sketchdesk.ui.evaluation.results.heat_map import HeatMap
from sketchdesk.ui.evaluation.results.memory_card import MemoryCard
from sketchdesk.ui.evaluation.results.metric_card import MetricCard
from sketchdesk.ui.evaluation.results.plots import StudyPlots
from sketchdesk.ui.evaluation.results.prompt_view import PromptView
from sketchdesk.ui.evaluation.results.tiles import Tiles
from sketchdesk.ui.evaluation.results.times_card import TimesCard
from sketchdesk.ui.evaluation.studies.pictures import Pictures
from sketchdesk.workers.background import Background


@dataclass(frozen=True)
class ResultParts:
    """The parts, in the order they stand in."""

    tiles: Tiles
    times: TimesCard
    choosing: ChoosingCard
    prompts: PromptView
    plots: StudyPlots
    metrics: MetricCard
    models: PlainView
    heat: HeatMap
    memory: MemoryCard
    captions: PlainView


def result_parts(pictures: Pictures, background: Background) -> Iterator[ResultParts | None]:
    """Make the parts one by one, for whoever does other things in between; the last that comes is all of them."""
    tiles = Tiles()
    yield None
    prompts = PromptView(pictures)
    yield None
    plots = StudyPlots(background)
    yield None
    models = _table("evaluation_models", PlainTable(model_titles), wide=0, numeric=(1, 2, 3, 4))
    captions = _table("evaluation_captions", PlainTable(caption_titles), wide=3, numeric=(1, 2))
    yield None
    metrics, times = MetricCard(), TimesCard()
    yield None
    yield ResultParts(
        tiles, times, ChoosingCard(background), prompts, plots, metrics, models, HeatMap(), MemoryCard(pictures),
        captions,
    )  # fmt: skip


def _table(name: str, table: PlainTable, wide: int, numeric: tuple[int, ...]) -> PlainView:
    table.numeric = frozenset(numeric)
    return PlainView(name, table, wide)
