"""The window's own dialogs: one of each kind, open beside the work, in the language in use."""

from __future__ import annotations

from typing import Protocol, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.action_book import ActionBook
from sketchdesk.ui.shell.dialogs import show_about
from sketchdesk.ui.shell.help_sheet import HelpSheet
from sketchdesk.ui.shell.settings_dialog import SettingsDialog
from sketchdesk.ui.shell.welcome import Welcome
from sketchdesk.ui.shell.window_memory import WindowMemory
from sketchdesk.workers.runner import JobRunner

WELCOMED = "welcomed"
"""The note that the first screen should stay away."""


class _Speaks(Protocol):
    def retranslate(self) -> None: ...


class WindowDialogs(QObject):
    """Opens dialogs without waiting for them.

    Signals:
        step_chosen(str): The person begins with one of the welcome's steps.
    """

    step_chosen = Signal(str)

    def __init__(
        self, window: QWidget, runner: JobRunner, store: SettingsStore, book: ActionBook, memory: WindowMemory
    ) -> None:
        super().__init__(window)
        self._window, self._runner, self._store = window, runner, store
        self._book, self._memory = book, memory
        self._open: dict[str, QDialog] = {}

    @Slot()
    def show_help(self) -> None:
        """Open the shortcuts."""
        self._show(HelpSheet(self._book, self._window))

    @Slot()
    def show_settings(self) -> None:
        """Open the settings."""
        self._show(SettingsDialog(self._runner, self._store, self._window))

    @Slot()
    def show_welcome(self) -> None:
        """Open the first screen."""
        welcome = Welcome(self._window)
        welcome.set_not_again(self._memory.notes.get(WELCOMED) is True)
        welcome.chosen.connect(self.step_chosen)
        welcome.not_again.connect(self._on_not_again)
        self._show(welcome)

    @Slot()
    def show_about(self) -> None:
        """Say which version this is."""
        show_about(self._window)

    def welcome(self) -> None:
        """Open the first screen, unless it was told to stay away."""
        if self._memory.notes.get(WELCOMED) is not True:
            self.show_welcome()

    def close_all(self) -> None:
        """Close every dialog."""
        for name in list(self._open):
            self._close(name)

    def retranslate(self) -> None:
        """Take the language in use."""
        for dialog in self._open.values():
            cast("_Speaks", dialog).retranslate()

    def _show(self, dialog: QDialog) -> None:
        """Open a dialog in place of an older one of its name."""
        self._close(dialog.objectName())
        self._open[dialog.objectName()] = dialog
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _close(self, name: str) -> None:
        old = self._open.pop(name, None)
        if old is not None:
            old.close()
            old.deleteLater()

    @Slot(bool)
    def _on_not_again(self, value: bool) -> None:
        self._memory.notes[WELCOMED] = value
