"""The settings, in a dialog: what is chosen counts when it is saved."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.settings import Settings
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.settings_form import SettingsForm
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row
from sketchdesk.workers.runner import JobRunner

_OWN = ("images_dir", "language", "theme", "device", "precision", "image_format", "num_threads", "engine_memory_gib")
"""What the form sets; the rest of the settings may have changed meanwhile and is left alone."""


class SettingsDialog(QDialog):
    """The form with Save, Cancel and the way back to what SketchDesk came with."""

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settings_dialog")
        self._store = store
        self.form = SettingsForm(store.value, runner.devices)
        self._defaults, self._cancel, self._save = (
            named(QPushButton(), f"settings_{name}_button") for name in ("defaults", "cancel", "save")
        )
        set_role(self._save, "primary")
        self._save.setDefault(True)
        fill_dialog(self, [self.form], foot_row([self._defaults], [self._cancel, self._save]))
        self.form.value_changed.connect(self._update)
        self._defaults.clicked.connect(self._on_defaults)
        self._cancel.clicked.connect(self.reject)
        self._save.clicked.connect(self.accept)
        self.setMinimumWidth(520)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setWindowTitle(_("Settings"))
        self._defaults.setText(_("Back to the defaults"))
        self._cancel.setText(_("Cancel"))
        self._save.setText(_("Save"))
        describe(self._defaults, _("Fill the form with what SketchDesk came with"))
        describe(self._cancel, _("Close without changing anything"))
        describe(self._save, _("Use these settings"))
        self.form.retranslate()

    def accept(self) -> None:
        """Use the settings, if they are possible."""
        if self.form.problem:
            return
        value = self.form.value()
        self._store.change(**{name: getattr(value, name) for name in _OWN})
        super().accept()

    @Slot()
    def _update(self) -> None:
        self._save.setEnabled(not self.form.problem)

    @Slot()
    def _on_defaults(self) -> None:
        plain = Settings()
        changes = {name: getattr(plain, name) for name in _OWN}
        self.form.set_value(msgspec.structs.replace(self._store.value, **changes))
