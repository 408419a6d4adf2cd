"""One picture as large as the window, with what is known of it; the arrow keys go to its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import StudyImage
from sketchdesk.ui.evaluation.results.seed_model import image_text
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme

SIDE_PX = 2048


class _Canvas(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """Large."""
        return QSize(640, 640)

    def show_picture(self, picture: QPixmap | None) -> None:
        """Show a picture; None while it is being read."""
        self._picture = picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, whole."""
        painter = QPainter(self)
        paint_picture(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._picture, 8)
        painter.end()


class PictureDialog(QDialog):
    """Left and Right, or the buttons, show the picture before and after."""

    def __init__(
        self, images: Sequence[tuple[StudyImage, Path]], place: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_picture_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._images = images
        self._place = place
        self._pictures = Pictures(self, SIDE_PX)
        self._pictures.arrived.connect(self._show)
        self._canvas = named(_Canvas(self), "evaluation_picture")
        self._text = named(QLabel(), "evaluation_picture_text")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._back = named(QToolButton(), "evaluation_picture_back")
        self._on = named(QToolButton(), "evaluation_picture_next")
        for button, icon, way in ((self._back, "arrow-left", -1), (self._on, "arrow-right", 1)):
            set_icon(button, icon, "text")
            set_role(button, "flat")
            button.clicked.connect(self._on_back if way < 0 else self._on_next)
        line = QHBoxLayout()
        line.addWidget(self._back)
        line.addWidget(self._text, 1)
        line.addWidget(self._on)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self._canvas, 1)
        layout.addLayout(line)
        self.resize(760, 840)
        self.finished.connect(self._pictures.shutdown)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Picture"))
        describe(self._back, _("The picture before (Left)"))
        describe(self._on, _("The next picture (Right)"))
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a neighbour, or close."""
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() in ways:
            self._go(ways[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    @Slot()
    def _on_back(self) -> None:
        self._go(-1)

    @Slot()
    def _on_next(self) -> None:
        self._go(1)

    def _go(self, places: int) -> None:
        self._place = max(0, min(len(self._images) - 1, self._place + places))
        self._show()

    @Slot()
    def _show(self) -> None:
        image, file = self._images[self._place]
        self._canvas.show_picture(self._pictures.get(file))
        self._canvas.setAccessibleName(image_text(image))
        self._text.setText("\n".join(part for part in (image.prompt, image_text(image)) if part))
        self._back.setEnabled(self._place > 0)
        self._on.setEnabled(self._place < len(self._images) - 1)
