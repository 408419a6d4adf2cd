"""What BLIP says of every picture, and the models beside each other, as plain sortable tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import interval_text, model_name
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.evaluation.results.spark import SPARK_ROLE
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role

SORT_ROLE = Qt.ItemDataRole.UserRole
PROMPT_ROLE = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex
Cell = tuple[str, Any]
"""What a cell shows, and what it is sorted by."""


class PlainTable(QAbstractTableModel):
    """Rows of texts; the titles are asked for again when the language changes."""

    def __init__(self, titles: Callable[[], Sequence[str]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._titles = titles
        self._rows: list[tuple[str, Sequence[Cell]]] = []
        self._sparks: Sequence[Mapping[int, object]] = ()
        self.numeric: frozenset[int] = frozenset()
        """Columns of figures, which stand at the right."""

    def show_rows(
        self, rows: list[tuple[str, Sequence[Cell]]], sparks: Sequence[Mapping[int, object]] = ()
    ) -> None:
        """Show rows, each with the prompt it belongs to, "" for none; `sparks` are column → drawing, one a row."""
        self.beginResetModel()
        self._rows, self._sparks = rows, sparks
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else len(self._titles())

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The columns' titles."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._alignment(section)
        return self._titles()[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What a cell shows."""
        prompt, cells = self._rows[index.row()]
        shown, key = cells[index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.ToolTipRole:
                return shown
            case Qt.ItemDataRole.TextAlignmentRole:
                return self._alignment(index.column())
            case _ if role == SORT_ROLE:
                return key
            case _ if role == PROMPT_ROLE:
                return prompt
            case _ if role == SPARK_ROLE and self._sparks:
                return self._sparks[index.row()].get(index.column())
        return None

    def retranslate(self) -> None:
        """Take the language in use."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self.columnCount() - 1)

    def _alignment(self, column: int) -> Qt.AlignmentFlag:
        side = Qt.AlignmentFlag.AlignRight if column in self.numeric else Qt.AlignmentFlag.AlignLeft
        return side | Qt.AlignmentFlag.AlignVCenter


class PlainView(QTableView):
    """A table view in the house's dress, sortable by its columns; the column `wide` takes what room is left."""

    def __init__(self, name: str, table: PlainTable, wide: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.table = table
        table.setParent(self)
        proxy = QSortFilterProxyModel(self)
        proxy.setSourceModel(table)
        proxy.setSortRole(SORT_ROLE)
        self.setModel(proxy)
        self.setFont(fonts.tabular(self.font()))
        set_role(self, "bare")
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        header = named(self.horizontalHeader(), f"{name}_header")
        set_role(header, "aligned")
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(wide, QHeaderView.ResizeMode.Stretch)
        header.setMaximumSectionSize(360)
        header.setResizeContentsPrecision(50)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.setSortingEnabled(True)

    def fit(self, most_rows: int) -> None:
        """Take the height of the rows, up to so many."""
        rows = min(most_rows, max(1, self.table.rowCount()))
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + rows * 30 + 4)


def caption_titles() -> Sequence[str]:
    """Return the titles of the table of captions."""
    return (_("Model"), _("Seed"), _("CLIP"), _("Caption"), _("Prompt"))


def caption_rows(variant: VariantFindings) -> list[tuple[str, Sequence[Cell]]]:
    """Return a row for every picture that was captioned."""
    return [
        (
            image.prompt,
            (
                (model_name(image.model), image.model),
                ("" if image.seed is None else str(image.seed), -1 if image.seed is None else image.seed),
                ("" if image.cosine is None else number(image.cosine), -2.0 if image.cosine is None else image.cosine),
                (image.caption, image.caption),
                (image.prompt, image.prompt),
            ),
        )
        for image in variant.images
        if image.caption
    ]


def model_titles() -> Sequence[str]:
    """Return the titles of the table of models."""
    return (_("Model"), _("CLIP cosine, 95 % interval"), _("BLIP: drawing"), _("Colourfulness"), _("Images"))


def model_rows(variant: VariantFindings) -> list[tuple[str, Sequence[Cell]]]:
    """Return a row for every model."""
    return [
        (
            "",
            (
                (model_name(model.name), model.name),
                (interval_text(model.cosine), model.cosine.mean if model.cosine else -2.0),
                (
                    f"{model.called_drawings} / {model.captioned}" if model.captioned else "–",
                    model.called_drawings / model.captioned if model.captioned else -1.0,
                ),
                (
                    number(model.colourfulness.mean) if model.colourfulness else "–",
                    model.colourfulness.mean if model.colourfulness else -1.0,
                ),
                (str(model.images), model.images),
            ),
        )
        for model in variant.models
    ]
