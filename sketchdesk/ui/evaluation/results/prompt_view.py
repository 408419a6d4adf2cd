"""The table of prompts on the page of results."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import Study, VariantFindings
from sketchdesk.ui.evaluation.results.prompt_delegates import ROW_PX, PairsDelegate, WhiskerDelegate, whole_pairs_px
from sketchdesk.ui.evaluation.results.prompt_model import Column, PromptTable
from sketchdesk.ui.evaluation.studies.pictures import Pictures
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role, theme, tokens

ROWS_SHOWN = 8
NARROW = {Column.BASE: 84, Column.TUNED: 96, Column.DRAWINGS: 108}
DIFFERENCE_PX = (180, 300)
PROMPT_PX = 160


class PromptView(QTableView):
    """Rows can be sorted by a click on a column, and opened by Enter or a double click.

    Signals:
        opened(str): All pictures of this prompt are wanted.
    """

    opened = Signal(str)

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_prompts")
        self.table = PromptTable(self)
        self.setModel(self.table)
        self.setFont(fonts.tabular(self.font()))
        set_role(self, "bare")
        self.setShowGrid(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.setItemDelegateForColumn(Column.DIFFERENCE, WhiskerDelegate(self.table, self))
        self.setItemDelegateForColumn(Column.PICTURES, PairsDelegate(pictures, self))
        header = named(self.horizontalHeader(), "evaluation_prompts_header")
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        set_role(header, "aligned")
        header.setHighlightSections(False)
        header.setSortIndicatorClearable(False)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)
        self.activated.connect(self._on_activated)
        pictures.arrived.connect(self.viewport().update)
        theme().changed.connect(self.viewport().update)

    def show_variant(self, study: Study, folder: Path, variant: VariantFindings) -> None:
        """Show a variant of a study; as high as its rows, up to ROWS_SHOWN."""
        self.table.show_variant(study, folder, variant)
        several = len(variant.models) > 1
        self.setColumnHidden(Column.BASE, not self.table.is_comparison and not several)
        self.setColumnHidden(Column.DRAWINGS, not any(model.captioned for model in variant.models))
        rows = min(ROWS_SHOWN, max(1, self.table.rowCount()))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * ROW_PX + 4)
        self._share_width()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setAccessibleName(_("Prompts"))
        self.horizontalHeader().setAccessibleName(_("Columns of the prompts"))
        self.table.retranslate()
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._share_width()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows, and a line between each two."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setPen(QColor(tokens().border))
        for row in range(self.table.rowCount() - 1):
            bottom = self.rowViewportPosition(row) + self.rowHeight(row) - 1
            painter.drawLine(0, bottom, self.viewport().width(), bottom)
        painter.end()

    def _share_width(self) -> None:
        """Give figures what they need, drawings and pictures what is there, and the prompt the rest."""
        width = self.viewport().width()
        for column, pixels in NARROW.items():
            self.setColumnWidth(column, pixels)
        left = width - sum(pixels for column, pixels in NARROW.items() if not self.isColumnHidden(column))
        difference = _between(DIFFERENCE_PX, left * 0.25)
        pictures = whole_pairs_px(left * 0.46, 2 if self.table.is_comparison else 1)
        self.setColumnWidth(Column.DIFFERENCE, difference)
        self.setColumnWidth(Column.PICTURES, pictures)
        self.setColumnWidth(Column.PROMPT, max(PROMPT_PX, int(left) - difference - pictures))

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.opened.emit(self.table.line(index.row()).prompt)


def _between(limits: tuple[int, int], wished: float) -> int:
    return int(max(limits[0], min(limits[1], wished)))
