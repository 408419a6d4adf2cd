"""The models of a study: the first is the base, the second is compared with it, more get rows of their own."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from sketchdesk.contracts.jobs import StudyModel
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED
from sketchdesk.library.evaluation.studies import draws
from sketchdesk.library.images.record import short_model
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.evaluation.making.row_list import Row, RowList
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.ask_folder import ask_folder
from sketchdesk.ui.widgets.quiet import ComboBox

LEAST, MOST = 2, 32
ROLE_PX, NAME_PX = 80, 130
FOLDER = "images:"
"""What stands before a folder of pictures in the list; alone it is the wish to choose one."""


class ModelRow(Row[StudyModel]):
    """A model and the name it has in the study's tables."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(f"study_model_{number}", parent)
        self._number = number
        self._kept = StudyModel(name="", model="")
        self._last = ""
        """What was chosen last, in the list's terms."""
        self._role = named(QLabel(), f"study_model_{number}_role")
        set_role(self._role, "muted")
        self._role.setMinimumWidth(ROLE_PX)
        self._model = named(ComboBox(), f"study_model_{number}_combo")
        self._name = named(QLineEdit(), f"study_model_{number}_name")
        self._name.setMaximumWidth(NAME_PX)
        self._name.setMaxLength(60)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._role)
        layout.addWidget(self._model, 1)
        layout.addWidget(self._name)
        layout.addWidget(self.remove_button)
        self._model.currentIndexChanged.connect(self._on_model)
        self._model.activated.connect(self._on_activated)
        self._name.textEdited.connect(self.changed)

    def value(self) -> StudyModel:
        """Return the model, with all it came with, or the folder of pictures."""
        chosen, name = str(self._model.currentData() or ""), self._name.text().strip()
        if chosen == _key(self._kept):
            return msgspec.structs.replace(self._kept, name=name)
        if chosen.startswith(FOLDER):
            return StudyModel(name=name, images=chosen.removeprefix(FOLDER))
        return StudyModel(name=name, model=chosen)

    def set_value(self, model: StudyModel) -> None:
        """Show a model; one that is not on this machine stays as it is named."""
        self._kept, self._last = model, _key(model)
        self._model.blockSignals(True)
        if _key(model) and self._model.findData(_key(model)) < 0:
            place = max(0, self._model.findData(FOLDER))
            self._model.insertItem(place, short_model(model.model or model.images), _key(model))
            self._model.setItemData(place, model.model or model.images, Qt.ItemDataRole.ToolTipRole)
        self._model.setCurrentIndex(self._model.findData(_key(model)) if _key(model) else -1)
        self._model.blockSignals(False)
        self._name.setText(model.name)

    def offer(self, models: Sequence[ModelEntry]) -> None:
        """Offer these; the one that is chosen stays."""
        kept = self.value()
        self._model.blockSignals(True)
        self._model.clear()
        for entry in models:
            self._model.addItem(short_model(entry.name), entry.name)
            self._model.setItemData(self._model.count() - 1, str(entry.path), Qt.ItemDataRole.ToolTipRole)
        self._model.addItem(_("A folder of pictures…"), FOLDER)
        self._model.blockSignals(False)
        self.set_value(kept)

    def retranslate(self) -> None:
        """Take the language in use."""
        roles = (_("Base"), _("Compared"))
        self._role.setText(roles[self._number] if self._number < len(roles) else _("Also"))
        self._model.setItemText(self._model.findData(FOLDER), _("A folder of pictures…"))
        describe(self._model, _("The model that draws, or a folder of pictures in its place"))
        describe(self._name, _("What the tables call it"))
        describe(self.remove_button, _("Take this model out"))

    @Slot(int)
    def _on_activated(self, _index: int) -> None:
        """Ask for the folder where one is wanted; what was chosen before stays until there is one."""
        if self._model.currentData() != FOLDER:
            return
        self._model.blockSignals(True)
        self._model.setCurrentIndex(self._model.findData(self._last) if self._last else -1)
        self._model.blockSignals(False)
        ask_folder(self, "study_model_folder_dialog", _("A folder of pictures"), self._on_folder)

    @Slot(str)
    def _on_folder(self, folder: str) -> None:
        self.set_value(StudyModel(name=short_model(folder), images=folder))
        self.changed.emit()

    @Slot(int)
    def _on_model(self, _index: int) -> None:
        model = str(self._model.currentData() or "").removeprefix(FOLDER)
        if not model:
            return
        self._last = str(self._model.currentData())
        names = (BASE_AND_TUNED.base, BASE_AND_TUNED.tuned)
        if self._name.text() not in names:
            self._name.setText(short_model(model))
        self.changed.emit()


def _key(model: StudyModel) -> str:
    """Return what stands for a model or a folder in the list; "" for neither."""
    return f"{FOLDER}{model.images}" if model.images else model.model


class ModelRows(RowList[StudyModel]):
    """Two rows or more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("study_model", LEAST, MOST, parent)
        self._models: list[ModelEntry] = []
        self.set_value((StudyModel(name=BASE_AND_TUNED.base, model=""), StudyModel(name="tuned", model="")))

    def make_row(self, number: int) -> ModelRow:
        """Return a row that offers the models."""
        row = ModelRow(number)
        row.offer(self._models)
        return row

    def blank(self) -> StudyModel:
        """Return no model yet."""
        return StudyModel(name="", model="")

    def proposal(self) -> StudyModel:
        """Return a model that is in no row yet."""
        used = {model.model for model in self.value()}
        free = next((model.name for model in self._models if model.name not in used), "")
        return StudyModel(name=short_model(free) if free else "", model=free)

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer the models that draw."""
        self._models = [model for model in models if draws(model)]
        for row in self._rows:
            row.offer(self._models)

    def problem(self) -> str:
        """Return why these cannot be compared, "" where they can."""
        models = self.value()
        names = [model.name.casefold() for model in models]
        if not all(model.model or model.images for model in models):
            return _("Choose a model in every row.")
        if not all(names):
            return _("Give every model a name.")
        if len(set(names)) < len(names):
            return _("Give every model a name of its own.")
        return ""

    def retranslate(self) -> None:
        """Take the language in use."""
        self.add_button.setText(_("Another model"))
        describe(self.add_button, _("Compare one more model; it gets rows of its own"))
        super().retranslate()
