"""The window's own dialogs: one of each kind, open beside the work, in the language in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QDialog, QWidget

from sketchdesk.library.files.loose import mapping
from sketchdesk.library.guide.pages import place_of
from sketchdesk.ui.guide.desk import guide_desk
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.action_book import ActionBook
from sketchdesk.ui.shell.window_memory import WindowMemory
from sketchdesk.workers.runner import JobRunner

if TYPE_CHECKING:
    from sketchdesk.ui.guide.guide_window import GuideWindow

WELCOMED, GUIDE = "welcomed", "guide"
"""The notes that the first screen should stay away, and how the guide was left."""


class _Speaks(Protocol):
    def retranslate(self) -> None: ...


class WindowDialogs(QObject):
    """Opens dialogs without waiting for them. What shows one is loaded when it is first wanted.

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
        self._guide: GuideWindow | None = None
        guide_desk().asked.connect(self.show_guide)

    @Slot()
    def show_help(self) -> None:
        """Open the shortcuts."""
        from sketchdesk.ui.shell.help_sheet import HelpSheet

        self._show(HelpSheet(self._book, self._window))

    @Slot(str)
    def show_guide(self, place: str = "") -> None:
        """Open the guide at a place, or where it was left."""
        from sketchdesk.ui.guide.guide_window import GuideWindow

        if self._guide is None:
            self._guide = GuideWindow()
            self._guide.restore_state(mapping(self._memory.notes.get(GUIDE)))
        wanted = place_of(place)
        if wanted is not None:
            self._guide.show_place(wanted)
        self._guide.show()
        self._guide.raise_()
        self._guide.activateWindow()

    @Slot()
    def show_settings(self) -> None:
        """Open the settings."""
        from sketchdesk.ui.shell.settings_dialog import SettingsDialog

        self._show(SettingsDialog(self._runner, self._store, self._window))

    @Slot()
    def show_welcome(self) -> None:
        """Open the first screen."""
        from sketchdesk.ui.shell.welcome import Welcome

        welcome = Welcome(self._window)
        welcome.set_not_again(self._memory.notes.get(WELCOMED) is True)
        welcome.chosen.connect(self.step_chosen)
        welcome.not_again.connect(self._on_not_again)
        self._show(welcome)

    @Slot()
    def show_about(self) -> None:
        """Say which version this is."""
        from sketchdesk.ui.shell.dialogs import show_about

        show_about(self._window)

    def welcome(self) -> None:
        """Open the first screen, unless it was told to stay away."""
        if self._memory.notes.get(WELCOMED) is not True:
            self.show_welcome()

    def close_all(self) -> None:
        """Close every dialog."""
        guide_desk().asked.disconnect(self.show_guide)
        for name in list(self._open):
            self._close(name)
        if self._guide is not None:
            self._memory.notes[GUIDE] = self._guide.save_state()
            self._guide.close()
            self._guide.deleteLater()
            self._guide = None

    def retranslate(self) -> None:
        """Take the language in use."""
        for dialog in self._open.values():
            cast("_Speaks", dialog).retranslate()
        if self._guide is not None:
            self._guide.retranslate()

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
