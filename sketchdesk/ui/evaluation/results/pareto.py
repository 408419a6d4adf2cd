"""Style against fidelity to the prompts: a dot a model, the front joined, the proposed one in green."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QToolTip, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.choosing import Place
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.wording.axis_marks import marks_of
from sketchdesk.library.wording.number_words import number
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.manager import theme, tokens

HEIGHT_PX = 236
LEFT_PX, BOTTOM_PX, TOP_PX, RIGHT_PX = 64, 40, 36, 40
DOT_PX = 5
APART_PX = {"x": 90, "y": 32}


class ParetoPlot(QWidget):
    """Paints where models stand; nothing is shown for fewer than two."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "evaluation_pareto")
        self.setFixedHeight(HEIGHT_PX)
        self._places: Sequence[Place] = ()
        self._proposed = ""
        self._style = ""
        theme().changed.connect(self.update)

    def show_places(self, places: Sequence[Place], proposed: str, style: str) -> None:
        """Show models; `style` says what the style is measured by."""
        self._places, self._proposed, self._style = places, proposed, style
        self.setVisible(len(places) > 1)
        said = "; ".join(f"{model_name(p.model)}: {number(p.style)}, {number(p.fidelity)}" for p in places)
        self.setAccessibleName(_("Style against fidelity to the prompts"))
        self.setAccessibleDescription(said)
        self.update()

    def position_of(self, model: str) -> QPointF:
        """Return where a model's dot is."""
        place = next(place for place in self._places if place.model == model)
        return self._point(place.style, place.fidelity)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint axes, the front and the dots."""
        if len(self._places) < 2:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(fonts.tabular(self.font()))
        font.setPixelSize(11)
        painter.setFont(font)
        self._paint_axes(painter)
        front = sorted((place for place in self._places if place.is_on_front), key=lambda place: place.style)
        painter.setPen(QPen(QColor(tokens().faint), 1, Qt.PenStyle.DashLine))
        painter.drawPolyline([self._point(place.style, place.fidelity) for place in front])
        named_at: list[QRectF] = []
        by_weight = sorted(self._places, key=lambda place: (place.model != self._proposed, not place.is_on_front))
        for place in reversed(by_weight):
            self._paint_dot(painter, place)
        for place in by_weight:
            self._paint_name(painter, place, named_at)

    def event(self, event: QEvent) -> bool:
        """Tell of the dot under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = next((self._told(place) for place in self._places if self._is_at(place, event.pos())), "")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def _is_at(self, place: Place, where: object) -> bool:
        offset = self._point(place.style, place.fidelity) - QPointF(where)  # type: ignore[call-overload]
        return bool(offset.manhattanLength() < 3 * DOT_PX)

    def _told(self, place: Place) -> str:
        words = _("{model}: style {style}, fidelity {fidelity}")
        return words.format(
            model=model_name(place.model), style=number(place.style), fidelity=number(place.fidelity)
        )

    def _range(self, values: list[float]) -> tuple[float, float]:
        margin = 0.08 * (max(values) - min(values)) or 0.01
        return min(values) - margin, max(values) + margin

    def _room(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT_PX, TOP_PX, -RIGHT_PX, -BOTTOM_PX)

    def _point(self, style: float, fidelity: float) -> QPointF:
        room = self._room()
        left, right = self._range([place.style for place in self._places])
        low, high = self._range([place.fidelity for place in self._places])
        x = room.left() + room.width() * (style - left) / (right - left)
        return QPointF(x, room.bottom() - room.height() * (fidelity - low) / (high - low))

    def _paint_axes(self, painter: QPainter) -> None:
        room, colours = self._room(), tokens()
        for value in marks_of(self._range([place.style for place in self._places]), room.width(), APART_PX["x"]):
            x = self._point(value, self._places[0].fidelity).x()
            painter.setPen(QColor(colours.muted))
            box = QRectF(x - 40, room.bottom() + 3, 80, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, number(value, 2))
        for value in marks_of(self._range([place.fidelity for place in self._places]), room.height(), APART_PX["y"]):
            y = self._point(self._places[0].style, value).y()
            painter.setPen(QPen(QColor(colours.border), 1))
            painter.drawLine(QPointF(room.left(), y), QPointF(room.right(), y))
            painter.setPen(QColor(colours.muted))
            side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 7, LEFT_PX - 8, 14), side, number(value))
        painter.setPen(QColor(colours.muted))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(QRectF(self.rect()).adjusted(0, 0, -RIGHT_PX, -2), right, f"{self._style} →")
        painter.drawText(QPointF(LEFT_PX, 12), "↑ " + _("fits the prompts: CLIP cosine"))

    def _paint_dot(self, painter: QPainter, place: Place) -> None:
        colours, where = tokens(), self._point(place.style, place.fidelity)
        is_proposed = place.model == self._proposed
        colour = colours.good if is_proposed else colours.accent if place.is_on_front else colours.muted
        painter.setPen(QPen(QColor(colours.surface), 1))
        painter.setBrush(QColor(colour))
        radius = DOT_PX + 2 if is_proposed else DOT_PX
        painter.drawEllipse(where, radius, radius)

    def _paint_name(self, painter: QPainter, place: Place, taken: list[QRectF]) -> None:
        """Write a model's name above its dot, else below it; where both would cover another name, not at all."""
        where, name = self._point(place.style, place.fidelity), model_name(place.model)
        width = painter.fontMetrics().horizontalAdvance(name) + 8
        above = QRectF(where.x() - width / 2, where.y() - DOT_PX - 18, width, 14)
        for box in (above, above.translated(0, 2 * DOT_PX + 22)):
            if not any(box.intersects(other) for other in taken):
                painter.setPen(QColor(tokens().text if place.model == self._proposed else tokens().muted))
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, name)
                taken.append(box)
                return
