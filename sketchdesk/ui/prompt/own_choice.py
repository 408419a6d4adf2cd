"""A value that may be left to the model: an editable combo box whose first entry says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.wording.number_words import as_typed, with_point
from sketchdesk.ui.widgets.quiet import ComboBox

SMALLEST_PX, LARGEST_PX = 16, 4096

_SIZE = re.compile(r"(\d{1,6}|[-–])\s*[x×*,;\s]\s*(\d{1,6}|[-–])")

T = TypeVar("T")


@dataclass(frozen=True)
class Parsed(Generic[T]):
    """What a text means, or the reason why it means nothing."""

    value: T | None = None
    problem: str = ""


class OwnChoice(ComboBox):
    """Text that is typed or chosen; an empty one, like the first entry, leaves the value to the model.

    Signals:
        typed(): The text is another one.
    """

    typed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own = ""
        self.setEditable(True)
        line = self.lineEdit()
        assert line is not None  # an editable combo box has one
        self._line = line
        line.setAcceptDrops(False)
        self.setCompleter(None)  # type: ignore[arg-type]  # "7" is not to become "7.5"
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMaxVisibleItems(12)
        self.editTextChanged.connect(self._on_text)
        self._line.editingFinished.connect(self._fill_empty)

    def text(self) -> str:
        """Return what is typed; "" for the model's own."""
        text = self.currentText().strip()
        return "" if text == self._own else text

    def set_text(self, text: str) -> None:
        """Show a text; "" for the model's own."""
        self.setEditText(text or self._own)
        if not self.hasFocus():
            self._line.setCursorPosition(0)  # what is too long shows its beginning

    def offer(self, own: str, choices: Sequence[str]) -> None:
        """Set how the model's own value is called, and what else is offered; what is typed stays."""
        typed = self.text()
        self.blockSignals(True)
        self._own = own
        self.clear()
        self.addItems([own, *choices])
        self.set_text(typed)
        self.blockSignals(False)
        self._line.setPlaceholderText(own)

    def _on_text(self, _text: str) -> None:
        self.typed.emit()

    def _fill_empty(self) -> None:
        if not self.currentText().strip():
            self.set_text("")


class OwnNumber(OwnChoice):
    """A number that may be left to the model: shown with the language's decimal mark, told and taken with a point."""

    def text(self) -> str:
        """Return what is typed, with a point; "" for the model's own."""
        return with_point(super().text())

    def set_text(self, text: str) -> None:
        """Show a number; "" for the model's own."""
        super().set_text(as_typed(text))

    def offer(self, own: str, choices: Sequence[str]) -> None:
        """Set how the model's own value is called, and what else is offered; what is typed stays."""
        super().offer(own, [as_typed(choice) for choice in choices])


def parse_guidance(text: str) -> Parsed[float]:
    """Read a guidance scale; a comma may stand for the point. "" leaves it to the model."""
    if not text:
        return Parsed()
    try:
        value = float(with_point(text))
    except ValueError:
        return Parsed(problem=_("Write a number, like 7.5."))
    if not 0 <= value <= 100:
        return Parsed(problem=_("Guidance is between 0 and 100."))
    return Parsed(value)


def parse_size(text: str, cell_px: int) -> Parsed[tuple[int | None, int | None]]:
    """Read "width × height" in pixels; "–" leaves one of them to the model, "" both.

    Sides must be multiples of `cell_px`, the model's latent cell.
    """
    if not text:
        return Parsed((None, None))
    match = _SIZE.fullmatch(text)
    if match is None:
        return Parsed(problem=_("Write width × height, like 512 × 768."))
    width, height = (None if side in "-–" else int(side) for side in match.groups())
    for side in (width, height):
        if side is not None and not SMALLEST_PX <= side <= LARGEST_PX:
            sentence = _("{least} to {most} pixels are possible.")
            return Parsed(problem=sentence.format(least=SMALLEST_PX, most=LARGEST_PX))
        if side is not None and side % cell_px:
            near = max(cell_px, round(side / cell_px) * cell_px)
            sentence = _("Multiples of {cell} pixels: {near} instead of {side}.")
            return Parsed(problem=sentence.format(cell=cell_px, near=near, side=side))
    return Parsed((width, height))


def size_text(width: int | None, height: int | None) -> str:
    """Return a size as parse_size reads it."""
    return f"{width or '–'} × {height or '–'}" if width or height else ""
