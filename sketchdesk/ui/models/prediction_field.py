"""What a single-file model's network predicts: as it was found out, or as the person says it is."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models.families import DRAWABLE
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.notes import PREDICTIONS, person_says
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox

WORDS = {
    "epsilon": N_("ε: the noise"),
    "v_prediction": N_("v: noise and picture"),
    "velocity": N_("velocity: a rectified flow"),
}


class PredictionField(QWidget):
    """A choice, for single-file models that draw; of a folder, its own files say it.

    Signals:
        chosen(str): One of PREDICTIONS; "" to have it found out.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_prediction")
        self._found = ""
        self._box = ComboBox()
        self._field = Field("model_predicts", self._box)
        for predicts in ("", *PREDICTIONS):
            self._box.addItem("", predicts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._field)
        self._box.activated.connect(self._on_activated)
        self.retranslate()

    def show_model(self, entry: ModelEntry) -> None:
        """Show what the person said of a model; hidden for those of which there is nothing to say."""
        is_open = entry.path.is_file() and entry.family in DRAWABLE
        self.setVisible(is_open)
        if is_open:
            said = person_says(entry.path)
            velocity = "velocity" if entry.family == "instaflow" else ""
            self._found = "" if said else entry.prediction_type or velocity
            self._box.setCurrentIndex(max(0, self._box.findData(said or "")))
            self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._field.set_text(
            _("What it predicts"), _("What the network was trained to answer; a wrong choice draws only noise")
        )
        for row in range(self._box.count()):
            predicts = self._box.itemData(row)
            self._box.setItemText(row, _(WORDS[predicts]) if predicts else self._found_text())

    def _found_text(self) -> str:
        if self._found in WORDS:
            return _("found out: {what}").format(what=_(WORDS[self._found]))
        return _("found out when it first draws")

    @Slot(int)
    def _on_activated(self, _row: int) -> None:
        self.chosen.emit(self._box.currentData())
