"""Where a picture is drawn anew, painted over it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.mask_canvas import MaskCanvas
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

THINNEST_PX = 2
KEY_SHARE = 0.2


class MaskDialog(QDialog):
    """Brush, eraser, size, undo, clear; closed without "Use the mask", nothing changes.

    Signals:
        painted(QImage): This paint is the mask, see MaskCanvas.paint.
    """

    painted = Signal(QImage)

    def __init__(self, picture: QImage, mask: QImage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("mask_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.canvas = named(MaskCanvas(picture, mask), "mask_canvas")
        self._hint = named(QLabel(), "mask_hint")
        self.brush, self.eraser = named(QToolButton(), "mask_brush"), named(QToolButton(), "mask_eraser")
        self.size_slider = named(QSlider(Qt.Orientation.Horizontal), "mask_size")
        self.undo, self.clear = named(QPushButton(), "mask_undo"), named(QPushButton(), "mask_clear")
        self.cancel, self.use = named(QPushButton(), "mask_cancel"), named(QPushButton(), "mask_use")
        self._build()
        self._connect()
        self._retranslate()
        self._on_painted()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Z takes a stroke back; brackets make the brush smaller and larger."""
        step = max(1, round(self.canvas.brush_px * KEY_SHARE))
        if event.matches(QKeySequence.StandardKey.Undo):
            self.canvas.undo()
        elif event.text() in ("[", "]"):
            self.size_slider.setValue(self.canvas.brush_px + (step if event.text() == "]" else -step))
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        set_role(self._hint, "muted")
        self._hint.setWordWrap(True)
        tools = QButtonGroup(self)
        for button, icon in ((self.brush, "brush"), (self.eraser, "eraser")):
            button.setCheckable(True)
            set_icon(button, icon, "text")
            tools.addButton(button)
        self.brush.setChecked(True)
        set_icon(self.undo, "undo-2", "muted")
        set_icon(self.clear, "trash-2", "muted")
        set_role(self.use, "primary")
        self.use.setDefault(True)
        self.size_slider.setRange(THINNEST_PX, max(THINNEST_PX + 1, self.canvas.shorter_px // 2))
        self.size_slider.setValue(self.canvas.brush_px)
        self.size_slider.setMinimumWidth(120)
        bar = QHBoxLayout()
        bar.setSpacing(8)
        for widget in (self.brush, self.eraser, self.size_slider, self.undo, self.clear):
            bar.addWidget(widget)
        bar.setStretchFactor(self.size_slider, 1)
        fill_dialog(self, [bar, self.canvas], foot_row([self._hint], [self.cancel, self.use]), grows=self.canvas)

    def _connect(self) -> None:
        self.eraser.toggled.connect(self._on_eraser)
        self.size_slider.valueChanged.connect(self._on_size)
        self.undo.clicked.connect(self.canvas.undo)
        self.clear.clicked.connect(self.canvas.clear)
        self.cancel.clicked.connect(self.reject)
        self.use.clicked.connect(self._on_use)
        self.canvas.painted.connect(self._on_painted)

    def _retranslate(self) -> None:
        """Say everything once: the dialog is over the window, whose language cannot be switched meanwhile."""
        self.setWindowTitle(_("Paint a mask"))
        self._hint.setText(_("Paint over what is to be drawn anew; the rest stays as it is."))
        describe(self.canvas, _("The picture; paint over it with the mouse"))
        describe(self.brush, _("Brush"))
        describe(self.eraser, _("Eraser"))
        describe(self.size_slider, _("Size of the brush ([ smaller, ] larger)"))
        self.undo.setText(f" {_('Undo')}")  # Qt's style sheets leave no room between icon and text
        describe(self.undo, _("Take the last stroke back (Ctrl+Z)"))
        self.clear.setText(f" {_('Clear')}")
        describe(self.clear, _("Take all paint away; this can be undone"))
        self.cancel.setText(_("Cancel"))
        describe(self.cancel, _("Close, and leave the mask as it was"))
        self.use.setText(_("Use the mask"))

    def _on_eraser(self, is_chosen: bool) -> None:
        self.canvas.erases = is_chosen

    def _on_size(self, size_px: int) -> None:
        self.canvas.brush_px = size_px
        self.canvas.update()

    def _on_painted(self) -> None:
        is_empty = self.canvas.is_empty
        self.undo.setEnabled(self.canvas.can_undo)
        self.clear.setEnabled(not is_empty)
        self.use.setEnabled(not is_empty)
        describe(self.use, _("Paint something first.") if is_empty else _("Draw only the painted part anew"))

    def _on_use(self) -> None:
        self.painted.emit(self.canvas.paint)
        self.accept()
