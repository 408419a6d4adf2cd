"""What to compare a model with, where it is no training's model whose base is known."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.prompt.model_choice import ModelChoice, short_names


class PairMenu(QMenu):
    """The other models that can draw.

    Signals:
        model_chosen(str): Compare with this model.
        without_loras_chosen(): Compare with the same model without its LoRAs.
    """

    model_chosen = Signal(str)
    without_loras_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("draw_pair_menu")
        self.setToolTipsVisible(True)

    def offer(self, choice: ModelChoice, has_loras: bool) -> None:
        """Offer every other model than the one chosen, and first of all the same without LoRAs."""
        self.clear()
        self.addSection(_("Compare with"))
        if has_loras:
            self.addAction(_("the same without LoRAs")).triggered.connect(self.without_loras_chosen)
        others = [entry for entry in choice.drawable() if entry.name != choice.name]
        shorts = short_names(others)
        for entry in others:
            action = self.addAction(shorts[entry.name])
            action.setToolTip(entry.name)
            action.triggered.connect(partial(self.model_chosen.emit, entry.name))
        if not others:
            self.addAction(_("There is no second model here yet; train one first.")).setEnabled(False)
