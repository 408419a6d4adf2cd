"""A sample, large, beside the first picture of the same prompt and seed; arrows walk through the steps."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.charts.samples_strip import step_name
from sketchdesk.ui.training.runs.history import TEACHER_STEP
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row

SIDE_PX = 380


class _Picture(QLabel):
    """A picture that fills its room without being distorted."""

    def __init__(self) -> None:
        super().__init__()
        self._pixmap = QPixmap()
        self.setMinimumSize(160, 160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def show_path(self, path: str) -> None:
        """Show a picture; one that cannot be read is said to be gone."""
        self._pixmap = QPixmap(path)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture again."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._pixmap.isNull():
            self.setText(_("The picture is gone"))
            return
        ratio = self.devicePixelRatioF()
        shown = self._pixmap.scaled(
            self.size() * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        shown.setDevicePixelRatio(ratio)
        self.setPixmap(shown)


class SampleViewer(QDialog):
    """Shows the pictures of one prompt: the first at the left, one of the others at the right."""

    def __init__(self, samples: Sequence[PreviewReady], current: PreviewReady, parent: QWidget | None = None) -> None:
        """Show `current` among the samples of its prompt, which come in the order of their steps."""
        super().__init__(parent)
        self.setObjectName("training_sample_viewer")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._samples = list(samples)
        self._place = self._samples.index(current)
        self._prompt = named(QLabel(current.prompt), "training_viewer_prompt")
        self._prompt.setWordWrap(True)
        self._prompt.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._prompt, "heading")
        self._first, self._shown = _Picture(), _Picture()
        self._first_step, self._shown_step = QLabel(), QLabel()
        self._back = named(QPushButton(), "training_viewer_back")
        self._on = named(QPushButton(), "training_viewer_on")
        self._close = named(QPushButton(), "training_viewer_close")
        self._build()
        self.retranslate()
        self.resize(2 * SIDE_PX + 56, SIDE_PX + 150)

    def _build(self) -> None:
        pictures = QGridLayout()
        pictures.setSpacing(8)
        for column, (picture, step) in enumerate(((self._first, self._first_step), (self._shown, self._shown_step))):
            set_role(step, "muted")
            step.setAlignment(Qt.AlignmentFlag.AlignCenter)
            pictures.addWidget(picture, 0, column)
            pictures.addWidget(step, 1, column)
            pictures.setColumnStretch(column, 1)
        pictures.setRowStretch(0, 1)
        fill_dialog(self, [self._prompt, pictures], foot_row([self._back, self._on], [self._close]), grows=pictures)
        set_icon(self._back, "arrow-left")
        set_icon(self._on, "arrow-right")
        self._back.clicked.connect(self._on_back)
        self._on.clicked.connect(self._on_on)
        self._close.clicked.connect(self.accept)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Samples over time"))
        self._back.setText(_("Earlier"))
        self._on.setText(_("Later"))
        self._close.setText(_("Close"))
        describe(self._back, _("Show the picture of an earlier step"))
        describe(self._on, _("Show the picture of a later step"))
        describe(self._close, _("Close the pictures"))
        self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk through the steps."""
        way = {Qt.Key.Key_Left.value: -1, Qt.Key.Key_Right.value: 1}.get(event.key())
        self._go(way) if way else super().keyPressEvent(event)

    @Slot()
    def _on_back(self) -> None:
        self._go(-1)

    @Slot()
    def _on_on(self) -> None:
        self._go(1)

    def _go(self, way: int) -> None:
        self._place = min(max(self._place + way, 0), len(self._samples) - 1)
        self._show()

    def _show(self) -> None:
        first, shown = self._samples[0], self._samples[self._place]
        self._first.show_path(first.path)
        self._shown.show_path(shown.path)
        taught = first.step == TEACHER_STEP
        self._first_step.setText(step_name(first.step))
        name = step_name(shown.step, taught)
        self._shown_step.setText(name if shown.step <= 0 else _("step {step}").format(step=name))
        self._back.setEnabled(self._place > 0)
        self._on.setEnabled(self._place < len(self._samples) - 1)
