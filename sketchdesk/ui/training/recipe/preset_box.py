"""Which recipe the form holds: a ready one, one from a file, or the person's own; and saving it."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.training.config import read_train_job
from sketchdesk.library.training.recipes import RECIPES, folder_name, with_recipe, write_recipe
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.recipe.form import RecipeForm
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox
from sketchdesk.workers.background import Background

OWN, FILE = "own", "file"
FILES = "TOML (*.toml)"


class PresetBox(QWidget):
    """A box with the ready recipes and "From a file…", and a button that saves what the form holds.

    Signals:
        message(Message): A file could not be read or written, or was.
    """

    message = Signal(Message)

    def __init__(self, form: RecipeForm, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form, self._background = form, background
        self._combo = ComboBox()
        self._field = Field("training_preset", self._combo)
        for name in (OWN, *(recipe.name for recipe in RECIPES), FILE):
            self._combo.addItem("", name)
        self._combo.insertSeparator(self._combo.count() - 1)
        self._save = named(QToolButton(), "training_save_recipe")
        set_icon(self._save, "save")
        set_role(self._save, "square")
        self._field.add_beside(self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._field)
        self._combo.activated.connect(self._on_activated)
        self._save.clicked.connect(self.save)
        form.value_changed.connect(self._show_which)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._field.set_text(_("Recipe"), _("Settings that have proved good; yours can be saved as a file"))
        describe(self._save, _("Save this recipe as a file"))
        texts = {OWN: _("Own settings"), FILE: _("From a file…")} | {each.name: _(each.title) for each in RECIPES}
        for place in range(self._combo.count()):
            name = self._combo.itemData(place)
            if name in texts:
                self._combo.setItemText(place, texts[name])
        self._show_which()

    @Slot()
    def _show_which(self) -> None:
        """Show the ready recipe that the form holds, or that it holds none."""
        job = self._form.value()
        same = next((each.name for each in RECIPES if with_recipe(job, each) == job), OWN)
        self._combo.setCurrentIndex(self._combo.findData(same))

    @Slot(int)
    def _on_activated(self, place: int) -> None:
        name = self._combo.itemData(place)
        recipe = next((each for each in RECIPES if each.name == name), None)
        if recipe:
            self._form.set_value(with_recipe(self._form.value(), recipe))
        elif name == FILE:
            self.open()
        self._show_which()

    @Slot()
    def open(self) -> None:
        """Let the person choose a recipe's file."""
        dialog = self._dialog(_("Open a recipe"), QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(self.read)
        dialog.open()

    @Slot(str)
    def read(self, path: str) -> None:
        """Show the recipe in a file."""
        work = partial(read_train_job, Path(path), (), Path(), False)
        self._background.do(work, self._on_read, self._on_failed)

    @Slot()
    def save(self) -> None:
        """Let the person choose where the recipe is saved."""
        dialog = self._dialog(_("Save the recipe"), QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("toml")
        dialog.selectFile(f"{folder_name(self._form.title)}.toml")
        dialog.fileSelected.connect(self.write)
        dialog.open()

    @Slot(str)
    def write(self, path: str) -> None:
        """Save the recipe in a file."""
        done = partial(self._on_written, path)
        self._background.do(partial(write_recipe, Path(path), self._form.value()), done, self._on_failed)

    def _dialog(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        dialog = QFileDialog(self, title)
        dialog.setObjectName("training_recipe_dialog")
        dialog.setAcceptMode(mode)
        dialog.setNameFilter(FILES)
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _on_read(self, job: TrainJob) -> None:
        self._form.set_value(msgspec.structs.replace(job, out_dir="", resume=False))
        self._form.set_name("")

    def _on_written(self, path: str, _nothing: object) -> None:
        self.message.emit(Message(_("The recipe was saved as {file}.").format(file=Path(path).name), level="good"))

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self.message.emit(of_error(error))
