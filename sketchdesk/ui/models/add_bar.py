"""The line that asks how a model should be added, and shows how far its copy is."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.models.weights import UNSAFE_SUFFIXES
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel

PARTS = 1000


class AddBar(QFrame):
    """Hidden until a model was chosen or dropped.

    Signals:
        copy_wanted(Path), link_wanted(Path): The model should be copied here, or used where it lies.
        convert_wanted(Path): This pickle should become a safetensors file.
        cancel_wanted(): The copy should stop.
    """

    copy_wanted = Signal(object)
    link_wanted = Signal(object)
    convert_wanted = Signal(object)
    cancel_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_add_bar")
        set_role(self, "inset")
        self._path: Path | None = None
        self._is_copying = False
        self._text = named(ElidedLabel(minimum_px=120), "model_add_text")
        self._progress = named(QProgressBar(), "model_add_progress")
        self._progress.setRange(0, PARTS)
        self._progress.setTextVisible(False)
        self._copy, self._link, self._convert, self._cancel = (
            named(QPushButton(), f"model_add_{name}_button") for name in ("copy", "link", "convert", "cancel")
        )
        set_role(self._copy, "primary")
        set_role(self._convert, "primary")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        layout.setSpacing(8)
        layout.addWidget(self._text, 1)
        for widget in (self._progress, self._copy, self._link, self._convert, self._cancel):
            layout.addWidget(widget)
        self._copy.clicked.connect(self._on_copy)
        self._link.clicked.connect(self._on_link)
        self._convert.clicked.connect(self._on_convert)
        self._cancel.clicked.connect(self._on_cancel)
        self.hide()

    def ask(self, path: Path) -> None:
        """Ask what should be done with a model."""
        self._path = path
        self._is_copying = False
        self._show()

    @Slot(float)
    def show_progress(self, fraction: float) -> None:
        """Show how much of the copy is done."""
        self._progress.setValue(round(fraction * PARTS))

    def close_bar(self) -> None:
        """Go away until the next model."""
        self._path = None
        self._show()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._copy.setText(_("Copy it here"))
        self._link.setText(_("Use it where it is"))
        self._convert.setText(_("Convert to safetensors"))
        describe(self._convert, _("Write what it holds as a safetensors file; this one stays as it is"))
        self._cancel.setText(_("Cancel"))
        describe(self._copy, _("Copy the model into SketchDesk's folder; the source is not changed"))
        describe(self._link, _("List the model without copying it; it must stay where it is"))
        describe(self._cancel, _("Do not add the model"))
        describe(self._progress, _("How much of the copy is done"))
        self._show()

    def _show(self) -> None:
        self.setVisible(self._path is not None)
        is_pickle = self._path is not None and self._path.is_file() and self._path.suffix.lower() in UNSAFE_SUFFIXES
        self._convert.setVisible(is_pickle)
        for widget in (self._copy, self._link):
            widget.setVisible(not self._is_copying and not is_pickle)
        self._progress.setVisible(self._is_copying)
        if self._path is not None:
            text = _("Copying “{name}”…") if self._is_copying else _("Add “{name}”?")
            if is_pickle:
                text = _("“{name}” is an old kind of file, which can run code when it is read.")
            self._text.set_full_text(text.format(name=self._path.name))

    @Slot()
    def _on_copy(self) -> None:
        if self._path is not None:
            self._is_copying = True
            self._progress.setValue(0)
            self._show()
            self.copy_wanted.emit(self._path)

    @Slot()
    def _on_link(self) -> None:
        if self._path is not None:
            self.link_wanted.emit(self._path)

    @Slot()
    def _on_convert(self) -> None:
        if self._path is not None:
            self.convert_wanted.emit(self._path)
            self.close_bar()

    @Slot()
    def _on_cancel(self) -> None:
        if self._is_copying:
            self.cancel_wanted.emit()
        else:
            self.close_bar()
