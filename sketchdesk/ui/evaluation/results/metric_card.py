"""The card of everything that was measured: a row for each number and model, sortable, with how its values spread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Pair
from sketchdesk.library.evaluation.metric_table import MetricRow, metric_rows, metric_texts, metric_titles
from sketchdesk.library.evaluation.studies import Study, VariantFindings
from sketchdesk.library.evaluation.votes import Counted
from sketchdesk.ui.evaluation.results.caption_table import Cell, PlainTable, PlainView
from sketchdesk.ui.evaluation.results.spark import Histogram, SparkDelegate
from sketchdesk.ui.widgets.card import Card

ROWS = 16
SPARK, SPARK_PX = 2, 120
DIFFERENCE, AGREED = 5, 6
_ARROWS = {"higher": " ↑", "lower": " ↓"}


class MetricCard(Card):
    """Shows a variant's numbers, the blind votes among them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("evaluation_metrics_card", parent)
        self._pair: Pair = BASE_AND_TUNED
        table = PlainTable(self._titles)
        table.numeric = frozenset((3, 7))
        self.view = PlainView("evaluation_metrics", table, wide=0)
        self.view.setItemDelegateForColumn(SPARK, SparkDelegate(self.view, SPARK_PX))
        self.body.addWidget(self.view)
        self.retranslate()

    def show_variant(self, study: Study, variant: VariantFindings, counted: Counted | None) -> None:
        """Show a variant; `counted` are its blind votes, None where nobody voted."""
        self._pair = study.pair
        rows = metric_rows(study.pair, variant, counted)
        self.setVisible(bool(rows))
        self.view.table.show_rows([("", cells) for cells in _cells(rows)], [_sparks(row, rows) for row in rows])
        self.view.setColumnHidden(DIFFERENCE, not any(row.difference for row in rows))
        self.view.setColumnHidden(AGREED, not any(row.agreed for row in rows))
        self.view.setColumnHidden(SPARK, not any(len(row.distribution) > 1 for row in rows))
        self.view.fit(ROWS)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("All that was measured"), _("↑ higher is better, ↓ lower; bars: the pictures’ values"))
        self.view.setAccessibleName(_("All that was measured"))
        self.view.table.retranslate()

    def _titles(self) -> Sequence[str]:
        metric, _better, model, *rest = metric_titles(self._pair)
        return [metric, model, _("Spread"), *rest]


def _cells(rows: Sequence[MetricRow]) -> list[list[Cell]]:
    found: list[list[Cell]] = []
    for place, row in enumerate(rows):
        metric, _better, *texts = metric_texts(row)
        agreed = row.agreed[0] / row.agreed[1] if row.agreed else -1.0
        keys = [
            model_name(row.model), row.value, _width(row),
            row.difference.mean if row.difference else float("-inf"), agreed, float(row.images),
        ]  # fmt: skip
        model, *cells = zip(texts, keys, strict=True)
        named = (f"{metric}{_ARROWS.get(row.better, '')}", float(place))
        found.append([named, model, ("", row.value), *cells])
    return found


def _width(row: MetricRow) -> float:
    """Return how unsure a number is."""
    return row.high - row.low if row.low is not None and row.high is not None else row.deviation or 0.0


def _sparks(row: MetricRow, rows: Sequence[MetricRow]) -> dict[int, object]:
    values = [value for other in rows if other.metric == row.metric for value in other.distribution]
    if len(row.distribution) < 2:
        return {}
    return {SPARK: Histogram(row.distribution, min(values), max(values))}
