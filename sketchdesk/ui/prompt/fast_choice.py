"""Which shortcuts to draw with: nearly the same pictures, sooner."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QSizePolicy, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import FastPart
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.fast import FAST_NAMES, fast_name
from sketchdesk.ui.naming import describe, named


class FastChoice(QWidget):
    """A box to tick for each shortcut.

    Signals:
        chosen(): Others are ticked.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: dict[FastPart, QCheckBox] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in FAST_NAMES:
            box = named(QCheckBox(), f"prompt_fast_{part}_box")
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.toggled.connect(self.chosen)
            column.addWidget(box)
            self.boxes[part] = box
        self.retranslate()

    def value(self) -> tuple[FastPart, ...]:
        """Return the shortcuts that are ticked, in the order in which they are offered."""
        return tuple(part for part, box in self.boxes.items() if box.isChecked())

    def set_value(self, parts: tuple[FastPart, ...]) -> None:
        """Tick these shortcuts and no others."""
        for part, box in self.boxes.items():
            box.setChecked(part in parts)

    def retranslate(self) -> None:
        """Take the language in use."""
        sentences: dict[FastPart, str] = {
            "tiny_decoder": _(
                "A small network, which must be among the models, makes the picture; fine detail differs"
            ),
            "guidance_cutoff": _("The second half of the steps is drawn without guidance"),
            "feature_caching": _("Only every third step runs the whole network"),
        }
        for part, box in self.boxes.items():
            name = fast_name(part)
            label = name[:1].upper() + name[1:]
            box.setText(label)
            describe(box, f"{label}. {sentences[part]}.")
