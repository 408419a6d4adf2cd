"""Every picture of one prompt, the models side by side at the same seed, with cosine and caption."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import interval_text
from sketchdesk.library.evaluation.studies import Study, StudyImage, VariantFindings
from sketchdesk.library.wording.number_words import number, signed
from sketchdesk.ui.evaluation.results.picture_dialog import PictureDialog
from sketchdesk.ui.evaluation.results.prompt_delegates import paint_ground
from sketchdesk.ui.evaluation.results.seed_model import FILE_ROLE, GAIN_ROLE, IMAGE_ROLE, SeedTable
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.evaluation.words import variant_title
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import set_role, theme, tokens

PICTURE_PX = 168
TEXT_PX = 62
MARGIN_PX = 10
COLUMN_PX = 300

Index = QModelIndex | QPersistentModelIndex


class SeedDelegate(QStyledItemDelegate):
    """Paints a picture with its cosine, what it gained over the first model's, and its caption below."""

    def __init__(self, pictures: Pictures, parent: QWidget) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._view = parent

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Picture and three lines."""
        return QSize(COLUMN_PX, PICTURE_PX + TEXT_PX + 2 * MARGIN_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint the cell."""
        paint_ground(self._view, painter, option)
        image: StudyImage | None = index.data(IMAGE_ROLE)
        if image is None:
            return
        painter.save()
        room = QRectF(option.rect).adjusted(MARGIN_PX, MARGIN_PX, -MARGIN_PX, -MARGIN_PX)
        cell = QRectF(room.left(), room.top(), min(room.width(), PICTURE_PX), PICTURE_PX)
        cell.moveLeft(room.center().x() - cell.width() / 2)
        paint_picture(painter, cell, self._pictures.get(index.data(FILE_ROLE)), 8)
        text = QRectF(room.left(), cell.bottom() + 6, room.width(), TEXT_PX - 6)
        self._figures(painter, text, option.font, image, index.data(GAIN_ROLE))
        small = QFont(option.font)
        small.setPixelSize(11)
        painter.setFont(small)
        painter.setPen(QColor(tokens().text if image.is_called_drawing else tokens().muted))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.setClipRect(text)
        painter.drawText(text.adjusted(0, 20, 0, 0), flags, image.caption)
        painter.restore()

    def _figures(
        self, painter: QPainter, room: QRectF, font: QFont, image: StudyImage, gain: float | None
    ) -> None:
        if image.cosine is None:
            return
        figures = fonts.tabular(font)
        figures.setWeight(QFont.Weight.DemiBold)
        painter.setFont(figures)
        metrics = painter.fontMetrics()
        value, change = number(image.cosine), "" if gain is None else f"  {signed(gain)}"
        width = metrics.horizontalAdvance(value + change)
        left = room.center().x() - width / 2
        painter.setPen(QColor(tokens().text))
        painter.drawText(QRectF(left, room.top(), width, 18), Qt.AlignmentFlag.AlignLeft, value)
        if gain is not None:
            painter.setPen(QColor(tokens().good if gain > 0 else tokens().bad if gain < 0 else tokens().muted))
            left += metrics.horizontalAdvance(value)
            painter.drawText(QRectF(left, room.top(), width, 18), Qt.AlignmentFlag.AlignLeft, change)


class PromptDialog(QDialog):
    """A table of pictures; Enter or a click shows one large."""

    def __init__(
        self, study: Study, folder: Path, variant: VariantFindings, prompt: str, pictures: Pictures,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("evaluation_prompt_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._study, self._variant, self._prompt = study, variant, prompt
        self._table = SeedTable(study, folder, variant, prompt, self)
        self._title = named(QLabel(), "evaluation_prompt_title")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        set_role(self._title, "title")
        self._note = named(QLabel(), "evaluation_prompt_note")
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        self._note.setWordWrap(True)
        set_role(self._note, "muted")
        self._view = named(QTableView(), "evaluation_seeds")
        self._build_view(pictures)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        layout.addWidget(self._note)
        layout.addWidget(self._view, 1)
        self.resize(min(1200, 140 + COLUMN_PX * max(1, self._table.columnCount())), 720)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Every seed of a prompt"))
        self._title.setText(self._prompt or _("Without a prompt"))
        found = self._variant.cosine.by_prompt.get(self._prompt) if self._variant.cosine else None
        parts = [variant_title(self._variant)]
        if found:
            parts.append(_("difference {interval}").format(interval=interval_text(found, signed)))
        parts.append(_("Enter or a double click shows a picture large"))
        self._note.setText(" · ".join(part for part in parts if part))
        self._view.setAccessibleName(_("Pictures of this prompt"))
        self._table.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self._table.columnCount() - 1)

    def _build_view(self, pictures: Pictures) -> None:
        view = self._view
        view.setModel(self._table)
        view.setItemDelegate(SeedDelegate(pictures, view))
        view.setShowGrid(False)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setTabKeyNavigation(False)
        view.verticalHeader().setDefaultSectionSize(PICTURE_PX + TEXT_PX + 2 * MARGIN_PX)
        set_role(named(view.verticalHeader(), "evaluation_seeds_rows"), "plain")
        header = named(view.horizontalHeader(), "evaluation_seeds_header")
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(PICTURE_PX + 2 * MARGIN_PX)
        view.activated.connect(self._on_activated)
        pictures.arrived.connect(view.viewport().update)
        theme().changed.connect(view.viewport().update)

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        image: StudyImage | None = index.data(IMAGE_ROLE)
        if image is not None:
            images = self._table.images()
            place = next(number_ for number_, (other, _file) in enumerate(images) if other is image)
            PictureDialog(images, place, self).open()
