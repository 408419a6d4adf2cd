"""The heat map of a study: prompts down, models across, every cell the mean of its pictures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.evaluation.results.caption_table import SORT_ROLE, Cell, PlainTable, PlainView
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import theme, tokens

MOST_OPAQUE = 190
ROWS = 12

Index = QModelIndex | QPersistentModelIndex


class HeatMap(PlainView):
    """A table whose cells are the deeper coloured the higher their value; sortable by any model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._models: tuple[str, ...] = ()
        super().__init__("evaluation_heat", PlainTable(self._titles), wide=0, parent=parent)
        self._delegate = HeatDelegate(self)
        self.setItemDelegate(self._delegate)
        theme().changed.connect(self.viewport().update)

    def show_variant(self, variant: VariantFindings) -> None:
        """Show a variant's models and prompts."""
        measured = [model for model in variant.models if model.cosine_by_prompt]
        self._models = tuple(model.name for model in measured)
        rows: list[tuple[str, Sequence[Cell]]] = []
        for prompt in variant.prompts:
            cells: list[Cell] = [(prompt, prompt)]
            for model in measured:
                found = model.cosine_by_prompt.get(prompt)
                cells.append((number(found.mean), found.mean) if found else ("", None))
            rows.append((prompt, cells))
        values = [cell[1] for _prompt, cells in rows for cell in cells[1:] if cell[1] is not None]
        self._delegate.scale = (min(values), max(values)) if values else (0.0, 0.0)
        self.table.numeric = frozenset(range(1, len(measured) + 1))
        self.table.show_rows(rows)
        self.fit(ROWS)

    def _titles(self) -> list[str]:
        return [_("Prompt"), *(model_name(model) for model in self._models)]


class HeatDelegate(QStyledItemDelegate):
    """Paints a cell's ground by where its value lies in `scale`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.scale = (0.0, 0.0)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the ground and the number."""
        value = index.data(SORT_ROLE)
        if index.column() == 0 or value is None:
            super().paint(painter, option, index)
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.ground(value))
        room = QRectF(option.rect).adjusted(2, 1.5, -2, -1.5)
        painter.drawRoundedRect(room, 4, 4)
        painter.setFont(fonts.tabular(option.font))
        painter.setPen(QColor(tokens().text))
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, index.data())
        painter.restore()

    def ground(self, value: float) -> QColor:
        """Return the colour of a value: the accent, from nothing for the lowest to nearly all of it."""
        low, high = self.scale
        colour = QColor(tokens().accent)
        colour.setAlpha(round(MOST_OPAQUE * (value - low) / (high - low)) if high > low else 0)
        return colour
