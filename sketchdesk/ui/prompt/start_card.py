"""The picture a drawing begins with: itself, how far it is drawn anew, and where."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.forecast import STRENGTH
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.added_row import FileLabel
from sketchdesk.ui.prompt.mask_pixels import OPACITY, painted_of
from sketchdesk.ui.prompt.picture_drop import picture_in
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme
from sketchdesk.ui.widgets.giving_button import GivingButton

SIDE_PX = 64
WHOLE = 100
"""The slider's steps."""


class StartCard(QFrame):
    """A small picture with its settings; hidden while there is none.

    Signals:
        changed(): Another picture or mask, or another strength.
        picture_dropped(Path): This picture is to be drawn from.
        mask_wanted(): The person wants to choose a mask.
        paint_wanted(): The person wants to paint one.
    """

    changed = Signal()
    picture_dropped = Signal(Path)
    mask_wanted = Signal()
    paint_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_start")
        set_role(self, "inset")
        self.setAcceptDrops(True)
        self._picture, self._mask = "", ""
        self._strength: float | None = None
        self._thumbnail, self._name, self._caption = _Thumbnail(), FileLabel(), QLabel()
        self._strength_label, self._strength_text = QLabel(), named(QLabel(), "prompt_strength_text")
        self._problem = named(QLabel(), "prompt_start_problem")
        self.remove = named(QToolButton(), "prompt_start_remove")
        self.slider = named(QSlider(Qt.Orientation.Horizontal), "prompt_strength")
        self.paint = named(GivingButton(), "prompt_mask_paint")
        self.choose = named(QToolButton(), "prompt_mask_choose")
        self.unmask = named(QToolButton(), "prompt_mask_remove")
        self._build()
        self.remove.clicked.connect(lambda: self.set_value("", "", None))
        self.slider.valueChanged.connect(self._on_slider)
        self.paint.clicked.connect(self.paint_wanted)
        self.choose.clicked.connect(self.mask_wanted)
        self.unmask.clicked.connect(lambda: self.set_mask(""))
        self.retranslate()
        self.hide()

    @property
    def picture(self) -> str:
        """The picture's path, "" for none."""
        return self._picture

    @property
    def mask_image(self) -> str:
        """The mask's path, "" for none."""
        return self._mask

    @property
    def strength(self) -> float | None:
        """How far it is drawn anew, 0..1; None for what is usual."""
        return self._strength

    @property
    def problem(self) -> str:
        """Why the picture or its mask cannot be used, "" where they can."""
        return "" if not self._picture or self._problem.isHidden() else self._problem.text()

    def set_value(self, picture: str, mask: str, strength: float | None) -> None:
        """Show another picture, "" for none; a mask is nothing without one."""
        before = (self._picture, self._mask)
        self._picture, self._mask = picture, mask if picture else ""
        self._strength = strength if picture else None
        if before != (self._picture, self._mask):
            self.show_pictures(QImage(), QImage(), "")  # until they are read
        self._show()
        self.changed.emit()

    def set_mask(self, mask: str) -> None:
        """Show another mask, "" for none."""
        self.set_value(self._picture, mask, self._strength)

    @property
    def is_read(self) -> bool:
        """Whether the picture itself is on show."""
        return not self._thumbnail.is_empty

    def show_pictures(self, picture: QImage, mask: QImage, problem: str) -> None:
        """Show what was read of the files, or why they could not be."""
        self._thumbnail.show_pictures(picture, mask)
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take pictures; the rest is the panel's."""
        event.acceptProposedAction() if picture_in(event.mimeData()) else event.ignore()

    def dropEvent(self, event: QDropEvent) -> None:
        """Begin with another picture."""
        if path := picture_in(event.mimeData()):
            event.acceptProposedAction()
            self.picture_dropped.emit(path)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._caption.setText(_("Drawn from"))
        self._strength_label.setText(_("Strength"))
        describe(self.slider, _("How far the picture is drawn anew: a little at the left, all of it at the right"))
        describe(self.remove, _("Draw without this picture"))
        describe(self.choose, _("Choose a picture as a mask: white where it is drawn anew"))
        describe(self.unmask, _("Take the mask away: all of the picture is drawn anew"))
        describe(self.paint, _("Paint over what is to be drawn anew; the rest stays as it is"))
        self._show()

    def _build(self) -> None:
        for label, role in (
            (self._caption, "caption"), (self._strength_label, "small"), (self._strength_text, "small"),
            (self._problem, "problem"),
        ):  # fmt: skip
            set_role(label, role)
        self._strength_text.setFont(tabular(self._strength_text.font()))
        self._problem.setWordWrap(True)
        self.slider.setRange(0, WHOLE)
        self.slider.setPageStep(10)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        for button, icon in ((self.remove, "x"), (self.choose, "folder-open"), (self.unmask, "x")):
            set_icon(button, icon, "muted")
            set_role(button, "flat")
        set_icon(self.paint, "brush", "muted")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._caption, 1)
        head.addWidget(self.remove)
        told = QHBoxLayout()
        told.addWidget(self._strength_label, 1)
        told.addWidget(self._strength_text)
        right = QVBoxLayout()
        right.setSpacing(2)
        right.addLayout(head)
        right.addWidget(self._name)
        right.addStretch(1)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._thumbnail, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(right, 1)
        mask = QHBoxLayout()
        mask.setSpacing(4)
        for widget, stretch in ((self.paint, 1), (self.choose, 0), (self.unmask, 0)):
            mask.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._problem)
        layout.addLayout(told)
        layout.addWidget(self.slider)
        layout.addLayout(mask)

    def _on_slider(self, value: int) -> None:
        self._strength = value / WHOLE
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        strength = self._strength
        if strength is None:
            strength = 1.0 if self._mask else STRENGTH
        self.slider.blockSignals(True)
        self.slider.setValue(round(strength * WHOLE))
        self.slider.blockSignals(False)
        self._strength_text.setText(_("{percent} %").format(percent=round(strength * WHOLE)))
        self._name.set_path(self._picture)
        self.paint.set_full_text(_("Change the mask…") if self._mask else _("Paint a mask…"))
        self.unmask.setVisible(bool(self._mask))
        self.setVisible(bool(self._picture))


class _Thumbnail(QWidget):
    """The picture in a square with round corners, what is masked tinted."""

    def __init__(self) -> None:
        super().__init__()
        self._picture, self._mask = QImage(), QImage()
        self.setFixedSize(QSize(SIDE_PX, SIDE_PX))
        theme().changed.connect(self.update)

    @property
    def is_empty(self) -> bool:
        """Whether there is no picture."""
        return self._picture.isNull()

    def show_pictures(self, picture: QImage, mask: QImage) -> None:
        """Show a picture and its mask; null images for none."""
        self._picture, self._mask = picture, mask
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill the square with the picture's middle."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()), 4, 4)
        painter.setClipPath(corners)
        painter.fillRect(self.rect(), theme().tokens.hover)
        if self._picture.isNull():
            return
        side = min(self._picture.width(), self._picture.height())
        middle = QRectF((self._picture.width() - side) / 2, (self._picture.height() - side) / 2, side, side)
        painter.drawImage(QRectF(self.rect()), self._picture, middle)
        if not self._mask.isNull():
            painter.setOpacity(OPACITY)
            painter.drawImage(QRectF(self.rect()), painted_of(self._mask, theme().tokens.accent), middle)
