"""Two pictures in one place, now one, now the other: what differs jumps to the eye."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QHideEvent, QImage, QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from sketchdesk.ui.gallery.viewing.picture_view import PictureView, Sight
from sketchdesk.ui.theme.manager import tokens

BLINK_MS = 600
LABEL_PX = 26.0


class BlinkView(PictureView):
    """Changes between two images on its own while it is seen; the space bar stops it, and then changes by hand.

    Signals:
        side_changed(bool): The right one is shown, or the left one again.
    """

    side_changed = Signal(bool)

    def __init__(self, sight: Sight, parent: QWidget | None = None) -> None:
        super().__init__(sight, parent)
        self._images: tuple[QImage | None, QImage | None] = (None, None)
        self._names = ("", "")
        self._missing = ""
        self._right = False
        self._timer = QTimer(self, interval=BLINK_MS)
        self._timer.timeout.connect(self.turn)

    @property
    def shows_right(self) -> bool:
        """Whether the right one is shown."""
        return self._right

    @property
    def blinks(self) -> bool:
        """Whether it changes on its own."""
        return self._timer.isActive()

    def show_images(
        self, left: QImage | None, right: QImage | None, names: tuple[str, str] = ("", ""), text: str = ""
    ) -> None:
        """Show two images and what each is called; `text` while one is missing."""
        self._images, self._names, self._missing = (left, right), names, text
        self._show_side()

    @Slot()
    def turn(self) -> None:
        """Show the other one."""
        self._right = not self._right
        self._show_side()
        self.side_changed.emit(self._right)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Stop, or change by hand."""
        if event.key() == Qt.Key.Key_Space:
            if self._timer.isActive():
                self._timer.stop()
            else:
                self.turn()
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to blink."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the image of the turn and its name."""
        super().paintEvent(event)
        name = self._names[self._right]
        if self.image is None or not name:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = QFontMetricsF(self.font()).horizontalAdvance(name) + 20
        box = QRectF((self.width() - width) / 2, self.height() - LABEL_PX - 12, width, LABEL_PX)
        colours = tokens()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.accent if self._right else colours.surface))
        painter.drawRoundedRect(box, LABEL_PX / 2, LABEL_PX / 2)
        painter.setPen(QColor(colours.on_accent if self._right else colours.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
        painter.end()

    def _show_side(self) -> None:
        self.show_image(self._images[self._right], self._missing)
