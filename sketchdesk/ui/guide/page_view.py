"""A page of the guide as it is read: dressed in the theme, one column wide, its links and pictures followed."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QImage,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextDocument,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QTextEdit, QWidget

from sketchdesk.library.guide.pages import Page, place_of
from sketchdesk.library.paths import resource
from sketchdesk.ui.guide.dressing import code_blocks, dress, fit_pictures, heading_level
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role, theme, tokens

COLUMN_PX = 740
"""How wide a line of text becomes at most, before zooming."""
SIDE_PX = 28
ZOOMS = (0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
ROUND_PX = 6


class PageView(QTextBrowser):
    """Shows one page.

    Signals:
        place_wanted(object): A link to another Place of the guide was followed.
        zoom_wanted(int): Ctrl and the wheel: up or down by one.
    """

    place_wanted = Signal(object)
    zoom_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "guide_page")
        set_role(self, "page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self._page: Page | None = None
        self._zoom = 1.0
        self._marked = ""
        self.anchorClicked.connect(self._on_link)
        theme().changed.connect(self._show_again)

    @property
    def page(self) -> Page | None:
        """The page on show."""
        return self._page

    @property
    def zoom(self) -> float:
        """How large everything is, 1 for as usual."""
        return self._zoom

    def show_page(self, page: Page, anchor: str = "") -> None:
        """Show a page from one of its headings on."""
        if page is not self._page:
            self._page = page
            self._read()
        self.go_to(anchor)

    def set_zoom(self, zoom: float) -> None:
        """Show everything larger or smaller; what is read stays in sight."""
        if zoom != self._zoom:
            self._zoom = zoom
            self._show_again()

    def go_to(self, anchor: str) -> None:
        """Bring a heading to the top."""
        layout = self.document().documentLayout()
        top = 0.0
        for block, section in zip(self._headings(), self._page.sections if self._page else (), strict=True):
            if section.anchor and section.anchor == anchor:
                top = layout.blockBoundingRect(block).top()
        self.verticalScrollBar().setValue(round(top))

    def mark(self, text: str) -> None:
        """Mark every word of a text where it stands on the page; "" marks nothing."""
        self._marked = text
        marks = []
        for word in text.split():
            at = self.document().find(word)
            while not at.isNull():
                marks.append(_mark_at(at))
                at = self.document().find(word, at)
        self.setExtraSelections(marks)

    def anchor_in_sight(self) -> str:
        """Return the heading under which the top of what is seen stands."""
        layout, top = self.document().documentLayout(), self.verticalScrollBar().value() + SIDE_PX
        found = ""
        for block, section in zip(self._headings(), self._page.sections if self._page else (), strict=True):
            if layout.blockBoundingRect(block).top() <= top:
                found = section.anchor
        return found

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """Return a picture of the guide, of the theme in use where there is one."""
        if kind != QTextDocument.ResourceType.ImageResource.value or self._page is None:
            return None
        link = name.toString() if isinstance(name, QUrl) else name
        path = picture_path(self._page.language, link, tokens().dark)
        image = QImage(path)
        image.setDevicePixelRatio(1.0)
        return image

    def sizeHint(self) -> QSize:
        """Return a size at which a page reads well."""
        return QSize(COLUMN_PX + 2 * SIDE_PX, 680)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the column in the middle."""
        super().resizeEvent(event)
        self._set_column()
        fit_pictures(self.document(), self._column_px())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.angleDelta().y():
            self.zoom_wanted.emit(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
            return
        super().wheelEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what lies behind pieces of code, then the page."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        painter.setPen(QColor(tokens().border))
        painter.setBrush(QColor(tokens().field))
        layout = self.document().documentLayout()
        for first, last in code_blocks(self.document()):
            box = layout.blockBoundingRect(first).united(layout.blockBoundingRect(last))
            left = self._side_px()
            frame = QRectF(left, box.top() - 10, self._column_px(), box.height() + 20)
            painter.drawRoundedRect(frame, ROUND_PX, ROUND_PX)
        painter.end()
        super().paintEvent(event)

    def _headings(self) -> list[QTextBlock]:
        found = list[QTextBlock]()
        block = self.document().begin()
        while block.isValid():
            if heading_level(block):
                found.append(block)
            block = block.next()
        return found

    def _read(self) -> None:
        if self._page is None:
            return
        document = self.document()
        document.clear()
        self.setMarkdown(self._page.markdown)
        dress(document, tokens(), self._zoom, self._column_px())
        self._set_column()
        self.mark(self._marked)

    @Slot()
    def _show_again(self) -> None:
        anchor = self.anchor_in_sight() if self._page else ""
        self._read()
        if self._page:
            self.go_to(anchor)

    def _column_px(self) -> int:
        return max(200, min(round(COLUMN_PX * self._zoom), self.viewport().width() - 2 * SIDE_PX))

    def _side_px(self) -> int:
        return max(SIDE_PX, (self.viewport().width() - self._column_px()) // 2)

    def _set_column(self) -> None:
        frame = self.document().rootFrame()
        form = frame.frameFormat()
        side = self._side_px()
        if (form.leftMargin(), form.topMargin()) != (side, SIDE_PX):
            form.setLeftMargin(side)
            form.setRightMargin(side)
            form.setTopMargin(SIDE_PX)
            form.setBottomMargin(2 * SIDE_PX)
            frame.setFrameFormat(form)

    @Slot(QUrl)
    def _on_link(self, link: QUrl) -> None:
        place = place_of(link.toString(), self._page.name if self._page else "")
        if place is not None:
            self.place_wanted.emit(place)
        elif link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)


def _mark_at(cursor: QTextCursor) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    mark.cursor = cursor
    mark.format.setBackground(QColor(tokens().selection))
    return mark


def picture_path(language: str, name: str, dark: bool) -> str:
    """Return the file of a picture a page names, its sister for the dark where the theme is dark."""
    path = resource("guide") / language / name
    sister = path.with_name(path.name.replace("-light.", "-dark."))
    return str((sister if dark and sister.is_file() else path).resolve())
