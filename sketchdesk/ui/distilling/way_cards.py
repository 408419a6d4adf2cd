"""What is made: three ways to choose from, each with what it is and what it costs."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QLabel, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.distillation.ways import WAYS, WayName
from sketchdesk.ui.distilling.few_step_words import WAY_WORDS
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.choice_card import ChoiceCard

CARD_PX = 400


class WayCards(QWidget):
    """A card a way, one of them chosen.

    Signals:
        chosen(str): The person chose a way, perhaps the same again: then its settings are to be as it offers them.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("few_step_ways")
        self._title, self._own = named(QLabel(), "few_step_ways_title"), named(QLabel(), "few_step_ways_own")
        set_role(self._title, "caption")
        set_role(self._own, "small")
        self._own.setWordWrap(True)
        self._cards = {way: ChoiceCard(f"few_step_way_{way}", CARD_PX) for way in WAYS}
        group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._title)
        for way, card in self._cards.items():
            group.addButton(card)
            card.clicked.connect(partial(self.chosen.emit, way))
            layout.addWidget(card)
        layout.addWidget(self._own)
        self.retranslate()

    def show_way(self, way: WayName, is_ready_made: bool) -> None:
        """Show which way it is, and whether all its settings are as it offers them."""
        self._cards[way].setChecked(True)
        self._own.setVisible(not is_ready_made)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._title.setText(_("What is made"))
        self._own.setText(_("Some of its settings are your own; choosing a way again takes them back."))
        for way, card in self._cards.items():
            title, sentences = WAY_WORDS[way]
            card.set_texts(_(title), _(sentences))
