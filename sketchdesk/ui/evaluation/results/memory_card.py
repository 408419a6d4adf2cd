"""The card of what a model may have learnt by heart: drawn pictures beside the training pictures nearest to them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QLabel, QListView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.memorised import Likest, likest, memory_sentences
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.evaluation.results.prompt_delegates import paint_ground
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role, theme, tokens
from sketchdesk.ui.widgets.card import Card

SIDE_PX, GAP_PX, TEXT_PX, MARGIN_PX = 104, 6, 38, 8
CELL = QSize(2 * SIDE_PX + GAP_PX + 2 * MARGIN_PX, SIDE_PX + TEXT_PX + 2 * MARGIN_PX)
ROWS = 2
LIKEST_ROLE = Qt.ItemDataRole.UserRole

Index = QModelIndex | QPersistentModelIndex


class LikestList(QAbstractListModel):
    """The pairs, the likest first."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[Likest] = []

    def show_pairs(self, found: list[Likest]) -> None:
        """Show these."""
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """How many there are."""
        return 0 if parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a pair says."""
        one = self._found[index.row()]
        match role:
            case Qt.ItemDataRole.AccessibleTextRole | Qt.ItemDataRole.ToolTipRole:
                words = _("{model} drew “{prompt}”; nearest in the training set: {training}; cosine {cosine}")
                return words.format(
                    model=model_name(one.image.model), prompt=one.image.prompt, training=Path(one.training).name,
                    cosine=number(one.cosine),
                )  # fmt: skip
            case _ if role == LIKEST_ROLE:
                return one
        return None


class PairDelegate(QStyledItemDelegate):
    """Paints the drawn picture, its training picture, and below them whose it is and how near."""

    def __init__(self, pictures: Pictures, view: QWidget) -> None:
        super().__init__(view)
        self._pictures, self._view = pictures, view
        self.folder = Path()
        """Of the study."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Every pair has the same room."""
        return CELL

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint a pair."""
        paint_ground(self._view, painter, option)
        one: Likest = index.data(LIKEST_ROLE)
        left, top = option.rect.left() + MARGIN_PX, option.rect.top() + MARGIN_PX
        drawn = QRectF(left, top, SIDE_PX, SIDE_PX)
        trained = drawn.translated(SIDE_PX + GAP_PX, 0)
        painter.save()
        paint_picture(painter, drawn, self._pictures.get(self.folder / one.image.file))
        if one.file:
            paint_picture(painter, trained, self._pictures.get(one.file))
        else:
            painter.setPen(QColor(tokens().muted))
            painter.drawText(trained, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWrapAnywhere, one.training)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
        for box, first, second in (
            (drawn, model_name(one.image.model), one.image.prompt),
            (trained, _("trained on"), _("cosine {value}").format(value=number(one.cosine))),
        ):
            for line, text in enumerate((first, second)):
                painter.setPen(QColor(tokens().muted if line else tokens().text))
                room = QRectF(box.left(), box.bottom() + 4 + 17 * line, SIDE_PX, 17)
                shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, SIDE_PX)
                painter.drawText(room, flags, shown)
        painter.restore()


class MemoryCard(Card):
    """Shows a variant's pairs; it hides where that was not measured.

    Signals:
        opened(str): All pictures of this prompt are wanted.
    """

    opened = Signal(str)

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__("evaluation_memory_card", parent)
        self._variant: VariantFindings | None = None
        self._said = named(QLabel(), "evaluation_memory")
        self._said.setTextFormat(Qt.TextFormat.PlainText)
        self._said.setWordWrap(True)
        self._list, self._model = named(QListView(), "evaluation_memory_list"), LikestList()
        self._model.setParent(self)
        self._list.setModel(self._model)
        self._delegate = PairDelegate(pictures, self._list)
        self._list.setItemDelegate(self._delegate)
        self._list.setViewMode(QListView.ViewMode.IconMode)
        self._list.setMovement(QListView.Movement.Static)
        self._list.setResizeMode(QListView.ResizeMode.Adjust)
        self._list.setUniformItemSizes(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setFixedHeight(ROWS * CELL.height() + 6)
        set_role(self._list, "bare")
        self.body.addWidget(self._said)
        self.body.addWidget(self._list)
        self._list.activated.connect(self._on_activated)
        pictures.arrived.connect(self._list.viewport().update)
        theme().changed.connect(self._list.viewport().update)
        self.retranslate()

    def show_variant(self, folder: Path, variant: VariantFindings) -> None:
        """Show a variant of the study in a folder."""
        self._variant = variant
        self._delegate.folder = folder
        found, sentences = likest(variant), memory_sentences(variant)
        self.setVisible(bool(found or sentences))
        self._said.setText("\n".join(sentences))
        self._said.setVisible(bool(sentences))
        self._list.setVisible(bool(found))
        self._model.show_pairs(found)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("Nearest to the training set"), _("left drawn, right trained on; the likest first"))
        self._list.setAccessibleName(_("Nearest to the training set"))
        if self._variant:
            self._said.setText("\n".join(memory_sentences(self._variant)))

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.opened.emit(index.data(LIKEST_ROLE).image.prompt)
