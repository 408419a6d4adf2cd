"""The button by which models come here: from the hub, a folder, a file; and the dialogs it opens."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon


class AddMenu(QPushButton):
    """A button with a menu.

    Signals:
        download_wanted(): A model of the hub should be fetched.
        chosen(Path): This folder or file should be added.
    """

    download_wanted = Signal()
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "models_add_button")
        menu = QMenu(self)
        self._download, self._folder, self._file = (menu.addAction("") for _entry in range(3))
        self.setMenu(menu)
        set_icon(self, "plus", "muted")
        self._download.triggered.connect(self._on_download)
        self._folder.triggered.connect(self.ask_folder)
        self._file.triggered.connect(self.ask_file)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.setText(_("Add a model"))
        describe(self, _("Download a model, or add a folder or a .safetensors file; you can also drop it here"))
        self._download.setText(_("Download from the hub…"))
        self._folder.setText(_("Model folder…"))
        self._file.setText(_("Model file…"))

    @Slot()
    def ask_folder(self) -> None:
        """Ask for a model folder."""
        self._ask(QFileDialog.FileMode.Directory, _("Add a model folder"), "")

    @Slot()
    def ask_file(self) -> None:
        """Ask for a model file."""
        kinds = _("Models ({suffixes})").format(suffixes="*.safetensors *.ckpt *.bin *.pt *.pth")
        self._ask(QFileDialog.FileMode.ExistingFile, _("Add a model file"), kinds)

    def _ask(self, mode: QFileDialog.FileMode, title: str, kinds: str) -> None:
        dialog = QFileDialog(self.window(), title, "", kinds)
        dialog.setObjectName("model_file_dialog")
        dialog.setFileMode(mode)
        dialog.fileSelected.connect(self._on_chosen)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _on_download(self) -> None:
        self.download_wanted.emit()

    @Slot(str)
    def _on_chosen(self, path: str) -> None:
        self.chosen.emit(Path(path))


def dropped_path(event: QDropEvent) -> Path | None:
    """Return the one folder or file that is dropped, None for anything else."""
    urls = event.mimeData().urls()
    return Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
