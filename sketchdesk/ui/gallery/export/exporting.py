"""Asking for an export, and telling how it went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.messages import exported_message
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.widgets.one_dialog import OneDialog

if TYPE_CHECKING:
    from sketchdesk.library.export.outcome import Exported


class Exporting(OneDialog[QDialog]):
    """Opens one export dialog at a time. End it with shutdown().

    Signals:
        message(Message): What was exported, or why not.
    """

    message = Signal(Message)

    def ask(self, catalogue: Catalogue, selected: Sequence[int], found: Sequence[int]) -> None:
        """Ask which of these images to export, as what and where to."""
        if self.dialog is not None:
            self.dialog.raise_()
            return
        from sketchdesk.ui.gallery.export.dialog import ExportDialog  # all the ways to export load with it

        dialog = ExportDialog(catalogue, selected, found, self._window)
        dialog.exported.connect(self._on_exported)
        dialog.failed.connect(self._on_failed)
        self._open_one(dialog)

    def shutdown(self) -> None:
        """Close the dialog, and stop what it does."""
        if self.dialog:
            self.dialog.done(0)

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        self.message.emit(exported_message(exported))

    @Slot(object)
    def _on_failed(self, error: SketchDeskError) -> None:
        self.message.emit(of_error(error))
