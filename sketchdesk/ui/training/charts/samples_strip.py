"""Pictures of the same prompts while a model learns: a row a prompt, a column a step, painted as far as seen.

What a teacher drew stays at the left, beside whichever of the student's pictures are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QImageReader,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.manager import theme, tokens
from sketchdesk.ui.training.runs.history import TEACHER_STEP
from sketchdesk.workers.background import Background

CELL_PX, GAP_PX, CAPTION_PX = 104, 8, 20
SCALE = 2
"""Thumbnails are read for screens of up to 200 %."""
MOST_KEPT = 600


def step_name(step: int, taught: bool = False) -> str:
    """Return what a step is called on a picture; `taught`: by a teacher, whose pictures come first."""
    if step == TEACHER_STEP:
        return _("teacher")
    if step == 0:
        return _("at first") if taught else _("base")
    return number_text(step)


class SamplesStrip(QAbstractScrollArea):
    """Shows samples; a click, Return or Space opens one, the arrow keys walk.

    Signals:
        opened(object): The PreviewReady that was chosen.
    """

    opened = Signal(object)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_samples")
        self._background = background
        self._samples: dict[tuple[str, int], PreviewReady] = {}
        self._ends_only = False
        self._images: dict[str, QImage | None] = {}
        """By path; None while it is being read, an empty image where it cannot be."""
        self._prompts: list[str] = []
        self._steps: list[int] = []
        self._current = (0, 0)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(CELL_PX + CAPTION_PX + GAP_PX)
        self.horizontalScrollBar().setSingleStep(CELL_PX)
        self.verticalScrollBar().setSingleStep(CELL_PX // 2)
        theme().changed.connect(self.viewport().update)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        describe(self, _("Pictures of the validation prompts while the model learns; Return enlarges one"))
        self.setToolTip("")
        self.viewport().update()

    def show_samples(self, samples: Sequence[PreviewReady]) -> None:
        """Show these pictures."""
        known = {(sample.prompt, sample.step): sample for sample in samples}
        if known == self._samples:
            return
        kept = {sample.path for sample in samples}
        self._images = {path: image for path, image in self._images.items() if path in kept}
        self._samples = known
        self._arrange()

    def set_ends_only(self, ends_only: bool) -> None:
        """Show the first and the last picture of each prompt only, side by side, or all."""
        self._ends_only = ends_only
        self._arrange()

    def show_step(self, step: float) -> None:
        """Go to the picture drawn nearest to a step, in the row where it is."""
        if self._steps:
            nearest = min(range(len(self._steps)), key=lambda place: abs(self._steps[place] - step))
            self._go(self._current[0], nearest)
            self.setFocus()

    def sizeHint(self) -> QSize:
        """One row; the others are scrolled to, or the part is drawn larger."""
        return QSize(6 * (CELL_PX + GAP_PX), CELL_PX + CAPTION_PX + GAP_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that are seen."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for row, prompt in enumerate(self._prompts):
            top = self._cell(row, 0).top()
            if top > self.viewport().height() or top + CELL_PX < 0:
                continue
            self._paint_caption(painter, prompt, top)
            for column in reversed(range(len(self._steps))):  # the teacher's lies over the others
                cell = self._cell(row, column)
                sample = self._samples.get((prompt, self._steps[column]))
                if column < self._pinned:
                    painter.fillRect(cell.adjusted(0, 0, GAP_PX, 0), QColor(tokens().surface))
                if sample and cell.intersects(event.rect()):
                    self._paint_cell(painter, cell, sample, (row, column) == self._current and self.hasFocus())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Have the scroll bars follow."""
        super().resizeEvent(event)
        self._set_ranges()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open what was clicked."""
        place = self._place_at(event.position().toPoint())
        if place and event.button() is Qt.MouseButton.LeftButton:
            self._go(*place)
            self._open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk and open."""
        row, column = self._current
        ways = {
            Qt.Key.Key_Left: (row, column - 1), Qt.Key.Key_Right: (row, column + 1), Qt.Key.Key_Up: (row - 1, column),
            Qt.Key.Key_Down: (row + 1, column), Qt.Key.Key_Home: (row, 0), Qt.Key.Key_End: (row, len(self._steps) - 1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if key in ways:
            self._go(*ways[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._open()
        else:
            super().keyPressEvent(event)

    # --- where things are ----------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._prompts = list(dict.fromkeys(prompt for prompt, _step in self._samples))
        steps = sorted({step for _prompt, step in self._samples})
        self._steps = [steps[0], steps[-1]] if self._ends_only and len(steps) > 2 else steps
        self._current = (
            min(self._current[0], max(0, len(self._prompts) - 1)), min(self._current[1], max(0, len(self._steps) - 1)),
        )  # fmt: skip
        self._set_ranges()
        self.viewport().update()

    def _set_ranges(self) -> None:
        """Keep the scroll bars true; it stays at the newest picture if that is where it was."""
        width = len(self._steps) * (CELL_PX + GAP_PX) - GAP_PX
        height = len(self._prompts) * (CELL_PX + CAPTION_PX + GAP_PX) - GAP_PX
        across = self.horizontalScrollBar()
        at_end = across.value() >= across.maximum()
        across.setRange(0, max(0, width - self.viewport().width()))
        across.setPageStep(self.viewport().width())
        if at_end:
            across.setValue(across.maximum())
        self.verticalScrollBar().setRange(0, max(0, height - self.viewport().height()))
        self.verticalScrollBar().setPageStep(self.viewport().height())

    @property
    def _pinned(self) -> int:
        """How many columns stay at the left: the teacher's, where there is one."""
        return int(TEACHER_STEP in self._steps[:1])

    def _cell(self, row: int, column: int) -> QRect:
        return QRect(
            column * (CELL_PX + GAP_PX) - (0 if column < self._pinned else self.horizontalScrollBar().value()),
            row * (CELL_PX + CAPTION_PX + GAP_PX) + CAPTION_PX - self.verticalScrollBar().value(), CELL_PX, CELL_PX,
        )  # fmt: skip

    def _place_at(self, point: QPoint) -> tuple[int, int] | None:
        places = ((row, column) for row in range(len(self._prompts)) for column in range(len(self._steps)))
        return next((place for place in places if self._cell(*place).contains(point)), None)

    def _go(self, row: int, column: int) -> None:
        if not self._samples:
            return
        self._current = (min(max(row, 0), len(self._prompts) - 1), min(max(column, 0), len(self._steps) - 1))
        cell = self._cell(*self._current)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        if self._current[1] >= self._pinned:
            hidden = min(0, cell.left() - self._pinned * (CELL_PX + GAP_PX))
            across.setValue(across.value() + hidden + max(0, cell.right() - self.viewport().width() + 1))
        down.setValue(
            down.value() + min(0, cell.top() - CAPTION_PX) + max(0, cell.bottom() - self.viewport().height() + 1)
        )
        sample = self._sample()
        if sample:
            self.setAccessibleDescription(f"{sample.prompt}, {self._name(sample)}")
        self.viewport().update()

    def _sample(self) -> PreviewReady | None:
        row, column = self._current
        return self._samples.get((self._prompts[row], self._steps[column])) if self._prompts else None

    def _name(self, sample: PreviewReady) -> str:
        return step_name(sample.step, taught=self._pinned > 0)

    def _open(self) -> None:
        sample = self._sample()
        if sample:
            self.opened.emit(sample)

    # --- painting ------------------------------------------------------------------------------------------------

    def _paint_caption(self, painter: QPainter, prompt: str, top: int) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        painter.setPen(QColor(tokens().muted))
        line = QRect(0, top - CAPTION_PX, self.viewport().width(), CAPTION_PX - 4)
        text = painter.fontMetrics().elidedText(f"“{prompt}”", Qt.TextElideMode.ElideRight, line.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _paint_cell(self, painter: QPainter, cell: QRect, sample: PreviewReady, is_current: bool) -> None:
        shape = QPainterPath()
        shape.addRoundedRect(cell, 6, 6)
        painter.fillPath(shape, QColor(tokens().field))
        image = self._image(sample.path)
        if image is not None and not image.isNull():
            painter.save()
            painter.setClipPath(shape)
            painter.drawImage(cell, image)
            painter.restore()
        elif image is not None:
            painter.setPen(QColor(tokens().muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(cell.adjusted(6, 6, -6, -26), flags, _("The picture is gone"))
        painter.setPen(QPen(QColor(tokens().accent if is_current else tokens().border), 2 if is_current else 1))
        painter.drawPath(shape)
        self._paint_badge(painter, cell, self._name(sample))

    def _paint_badge(self, painter: QPainter, cell: QRect, text: str) -> None:
        font = QFont(self.font())
        font.setPixelSize(10)
        painter.setFont(font)
        width = painter.fontMetrics().horizontalAdvance(text) + 10
        badge = QRect(cell.left() + 5, cell.bottom() - 20, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(20, 22, 28, 205))  # over a picture, whatever the theme
        painter.drawRoundedRect(badge, 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor("#ffffff"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def _image(self, path: str) -> QImage | None:
        if path not in self._images:
            while len(self._images) >= MOST_KEPT:
                self._images.pop(next(iter(self._images)))
            self._images[path] = None
            self._background.do(partial(_read_thumbnail, path), self._on_read)
        return self._images[path]

    @Slot(object)
    def _on_read(self, found: tuple[str, QImage]) -> None:
        path, image = found
        if path in self._images:
            self._images[path] = image
            self.viewport().update()


def _read_thumbnail(path: str) -> tuple[str, QImage]:
    """Read a picture, cut square and small; an empty one where it cannot be read."""
    reader = QImageReader(path)
    image = reader.read()
    if image.isNull():
        return path, image
    side = min(image.width(), image.height())
    square = image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    most = CELL_PX * SCALE
    if side > most:
        square = square.scaled(most, most, mode=Qt.TransformationMode.SmoothTransformation)
    return path, square
