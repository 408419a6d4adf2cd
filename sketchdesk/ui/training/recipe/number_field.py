"""A number typed as text: whole or not, within limits, perhaps left out; the reason stands below when it is wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.wording.number_words import as_typed, localized, with_point
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.widgets.field import Field

Number = int | float | None


@dataclass(frozen=True)
class Limits:
    """What a number may be."""

    low: float
    high: float
    is_whole: bool = True
    is_optional: bool = False
    """An empty field means None."""
    above_low: bool = False
    """`low` itself is not possible."""
    factor: float = 1.0
    """What is typed is the value times this: 100 for a share in percent."""

    def parse(self, text: str) -> Number:
        """Return the number a text means. Raises ValueError with the reason, in words for the person."""
        plain = text.strip().replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        if not plain:
            if self.is_optional:
                return None
            raise ValueError(_("A number is needed."))
        if self.is_whole:
            try:
                value: float = int(plain)
            except ValueError:
                raise ValueError(_("A whole number is needed.")) from None
        else:
            try:
                value = float(with_point(plain))
            except ValueError:
                raise ValueError(_("This is not a number.")) from None
        self._check(value)
        return int(value) if self.is_whole else round(value / self.factor, 12)

    def show(self, value: Number) -> str:
        """Return the text of a value, in the language in use."""
        if value is None:
            return ""
        return str(value) if self.is_whole else as_typed(f"{value * self.factor:.10g}")

    def _check(self, value: float) -> None:
        inside = self.low < value if self.above_low else self.low <= value
        if math.isfinite(value) and inside and value <= self.high:
            return
        low, high = localized(f"{self.low:.10g}"), localized(f"{self.high:.10g}")
        if math.isinf(self.high):
            text = _("It must be more than {low}.") if self.above_low else _("It must be at least {low}.")
        elif self.above_low:
            text = _("It must be more than {low}, at most {high}.")
        else:
            text = _("It must be {low} to {high}.")
        raise ValueError(text.format(low=low, high=high))


class NumberField(Field):
    """A label, a line to type a number in, and the reason why it is not possible.

    Signals:
        changed(): Something else is typed.
    """

    changed = Signal()

    def __init__(self, name: str, limits: Limits, value: Number, parent: QWidget | None = None) -> None:
        self._line = QLineEdit()
        super().__init__(name, self._line, parent)
        self.limits = limits
        self._last = value
        self._extra = ""
        self._line.setFont(tabular(self._line.font()))
        self._line.setText(limits.show(value))
        self._line.textChanged.connect(self._on_text)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def number(self) -> Number:
        """The number; while what is typed is none, the last one that was possible."""
        return self._last

    def set_number(self, value: Number) -> None:
        """Show a number."""
        text = self.limits.show(value)
        if text != self._line.text():
            self._line.setText(text)

    def set_placeholder(self, text: str) -> None:
        """Show what an empty field means."""
        self._line.setPlaceholderText(text)

    def set_extra_problem(self, reason: str) -> None:
        """Mark a number that is possible by itself but does not go with the rest; "" takes the mark away."""
        self._extra = reason
        self.check()

    def retranslate(self) -> None:
        """Take the language in use: what is typed stays, with its decimal mark."""
        if not self.limits.is_whole and (text := as_typed(self._line.text())) != self._line.text():
            self._line.blockSignals(True)
            self._line.setText(text)
            self._line.blockSignals(False)
        self.check()

    def check(self) -> None:
        """Mark what is wrong now, in the language in use."""
        try:
            self._last = self.limits.parse(self._line.text())
        except ValueError as error:
            self.set_problem(str(error))
        else:
            self.set_problem(self._extra)

    @Slot()
    def _on_text(self) -> None:
        self.check()
        self.changed.emit()
