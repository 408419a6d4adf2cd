"""The table of the models, sorted, or the invitation to add the first one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStackedWidget, QTableView, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.uses import Uses
from sketchdesk.library.window_state import PanelState
from sketchdesk.ui.models.model_table import SORT_ROLE, Column, ModelTable
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.empty import EmptyState

NARROW_PX = ((Column.PREDICTION, 960), (Column.PRECISION, 780), (Column.LICENCE, 680))
"""Below which width a column gives its room to the name; the details tell it as well."""

_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder


class ModelList(QStackedWidget):
    """Keeps the selection where it can.

    Signals:
        selected(): Another model is selected, or none.
        opened(): The selected model was double-clicked.
        first_wanted(): There is no model, and the person wants one.
    """

    selected = Signal()
    opened = Signal()
    first_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = ModelTable(self)
        self._sorted = QSortFilterProxyModel(self)
        self._sorted.setSourceModel(self._table)
        self._sorted.setSortRole(SORT_ROLE)
        self.view = named(QTableView(), "models_table")
        """The table itself, for shortcuts that count only in it."""
        self._empty = EmptyState("models_empty", "box")
        self._build_view()
        self.addWidget(self.view)
        self.addWidget(self._empty)
        self.setCurrentWidget(self._empty)
        self.view.selectionModel().currentRowChanged.connect(self._on_selected)
        self.view.doubleClicked.connect(self._on_opened)
        self._empty.pressed.connect(self.first_wanted)

    @property
    def entry(self) -> ModelEntry | None:
        """The selected model."""
        index = self._sorted.mapToSource(self.view.currentIndex())
        return self._table.entry(index.row()) if index.isValid() else None

    @property
    def model_count(self) -> int:
        """How many models there are."""
        return self._table.rowCount()

    def set_models(self, entries: Sequence[ModelEntry], wanted: str) -> None:
        """Show what was found, with the wanted model selected, or the first one."""
        self._table.set_models(entries)
        self.setCurrentWidget(self.view if entries else self._empty)
        if not self.select(wanted):
            self.view.selectRow(0)
        self.selected.emit()

    def set_uses(self, uses: Uses) -> None:
        """Show in which runs the models are used."""
        self._table.set_uses(uses)

    def select(self, name: str) -> bool:
        """Select a model by its name; False where it is not on the list."""
        row = self._table.row_of(name)
        if row >= 0:
            self.view.selectRow(self._sorted.mapFromSource(self._table.index(row, 0)).row())
        return row >= 0

    def save_state(self) -> PanelState:
        """Return the sorting."""
        header = self.view.horizontalHeader()
        return {"sort": header.sortIndicatorSection(), "down": header.sortIndicatorOrder() is _DOWN}

    def restore_state(self, state: PanelState) -> None:
        """Take it back; what makes no sense is passed over."""
        match state:
            case {"sort": int(column), "down": bool(down)} if 0 <= column < len(Column):
                self.view.sortByColumn(column, _DOWN if down else _UP)

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self.view, _("Models"))
        self._empty.set_text(
            _("No models yet"),
            _("Models draw, score and caption images. Download one, add a folder or a .safetensors file from this "
              "computer, or drop it here. What you train appears here too."),
            _("Download a model…"),
        )  # fmt: skip
        self._table.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the name its room: what the details tell as well goes first."""
        super().resizeEvent(event)
        for column, width_px in NARROW_PX:
            self.view.setColumnHidden(column, self.width() < width_px)

    def _build_view(self) -> None:
        view = self.view
        view.setModel(self._sorted)
        view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setSortingEnabled(True)
        view.setShowGrid(False)
        view.setWordWrap(False)
        view.verticalHeader().hide()
        view.verticalHeader().setDefaultSectionSize(40)
        header = named(view.horizontalHeader(), "models_header")
        set_role(header, "aligned")
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(Column.NAME, QHeaderView.ResizeMode.Stretch)
        view.sortByColumn(Column.NAME, _UP)

    @Slot(QModelIndex)
    def _on_selected(self, _index: QModelIndex) -> None:
        self.selected.emit()

    @Slot(QModelIndex)
    def _on_opened(self, _index: QModelIndex) -> None:
        self.opened.emit()
