"""The data set: one of the demo's by name, or a folder or files, chosen or dropped; counted and checked in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.dataset.captions import edits_file
from sketchdesk.library.dataset.dropped import dataset_of
from sketchdesk.library.dataset.glance import DatasetCheck, check_dataset, place_of
from sketchdesk.library.training.config import DEMO_DATASETS
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.ask_folder import ask_folder
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox
from sketchdesk.workers.background import Background

CHECK_AFTER_MS = 300
LOOKABLE = (ErrorKind.DATASET_UNREADABLE, ErrorKind.NO_CAPTIONS)
"""Troubles of which the data set page says more."""


@dataclass(frozen=True)
class Looked:
    """What a thread found out about a named set."""

    check: DatasetCheck
    captions_file: str
    is_here: bool
    """Whether its pictures can be looked at: a demo's are drawn at its first use."""


class DatasetField(QWidget):
    """A box with the demo's sets that takes a folder as well; below it, what was found there.

    Signals:
        changed(): Another data set is named.
        checked(): What is known of it has changed: counted, or a problem.
        look_requested(): The person wants to see what is in it.
    """

    changed = Signal()
    checked = Signal()
    look_requested = Signal()

    def __init__(
        self, background: Background, name: str = "training_dataset", is_optional: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """`name` is its control's; an optional one may stay empty, and offers nothing to be looked through."""
        super().__init__(parent)
        self._background, self._is_optional = background, is_optional
        self._columns = ("image", "text")
        self.check: DatasetCheck | None = None
        """What was counted, None while it is not known."""
        self.captions_file = ""
        """Where captions in place of the set's own are kept, "" where there are none."""
        self._combo = ComboBox()
        self._combo.setEditable(True)
        self._combo.setInsertPolicy(ComboBox.InsertPolicy.NoInsert)
        self._combo.addItems(list(DEMO_DATASETS))
        self._field = Field(name, self._combo)
        line = self._combo.lineEdit()
        assert isinstance(line, QLineEdit)
        named(line, f"{name}_line").setAcceptDrops(False)  # the whole field takes them, as folders
        self._browse = named(QToolButton(), f"{name}_browse")
        set_role(self._browse, "square")
        set_icon(self._browse, "folder-open")
        self._found = named(QLabel(), f"{name}_found")
        set_role(self._found, "small")
        self._found.setWordWrap(True)
        self._field.add_beside(self._browse)
        self._look = named(QPushButton(), f"{name}_look")
        set_role(self._look, "link")
        self._look.setEnabled(False)
        self._look.setVisible(not is_optional)
        line_below = QWidget()
        row = QHBoxLayout(line_below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._found, 1)
        row.addWidget(self._look, 0, Qt.AlignmentFlag.AlignTop)
        self._field.add_below(line_below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._field)
        self.setAcceptDrops(True)
        self._wait = QTimer(self, interval=CHECK_AFTER_MS, singleShot=True)
        self._wait.timeout.connect(self._start_check)
        self._combo.editTextChanged.connect(self._on_changed)
        self._browse.clicked.connect(self._on_browse)
        self._look.clicked.connect(self.look_requested)
        self.setFocusProxy(self._combo)
        self.retranslate()

    @property
    def problem(self) -> str:
        """Why it cannot be trained on, or ""."""
        return self._field.problem

    def value(self) -> str:
        """Return the data set as a job names it."""
        return self._combo.currentText().strip()

    def set_value(self, dataset: str, captions_file: str = "") -> None:
        """Name a data set, and where its edited captions are; the file kept here is found by itself."""
        if dataset != self._combo.currentText():
            self._combo.setEditText(dataset)
        if captions_file:
            self.captions_file = captions_file

    def set_columns(self, images: str, captions: str) -> None:
        """Say in which columns a table's pictures and captions are looked for."""
        if (images, captions) != self._columns:
            self._columns = images, captions
            self._wait.start()

    def look_again(self) -> None:
        """Count anew: captions were edited."""
        self._start_check()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._field.set_text(_("Data set"), _("One of the demo's data sets, or a folder of pictures with captions"))
        line = self._combo.lineEdit()
        assert line is not None
        describe(line, _("One of the demo's data sets, or a folder of pictures with captions"))
        describe(self._browse, _("Choose a folder of pictures with captions"))
        self._look.setText(_("Look through…"))
        describe(self._look, _("See the set's sizes, captions and flaws before training on it, and edit its captions"))
        self._start_check()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take folders, and files that lie in the wanted folder."""
        if event.mimeData().hasUrls() and event.mimeData().urls()[0].isLocalFile():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Name what was dropped: a folder, a file with a set, or a list of just these pictures."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            self._background.do(partial(dataset_of, paths), self.set_value, self._on_not_listed)
        event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        """Look at the folder again when the window comes back to the front: it may have been mended."""
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow() and self.problem:
            self._start_check()
        super().changeEvent(event)

    @Slot()
    def _on_changed(self) -> None:
        self.check, self.captions_file = None, ""
        self._look.setEnabled(False)
        self._found.setText(_("Looking …") if self.value() else "")
        is_missing = not self.value() and not self._is_optional
        self._field.set_problem(_("Choose a folder of pictures with captions.") if is_missing else "")
        self._wait.start()
        self.changed.emit()

    @Slot()
    def _on_browse(self) -> None:
        ask_folder(self, "training_dataset_dialog", _("Folder of pictures with captions"), self.set_value)

    @Slot()
    def _start_check(self) -> None:
        name = self.value()
        if name:
            # The answer is told which set it is for: another may have been named meanwhile.
            found, bad = partial(self._on_found, name), partial(self._on_bad, name)
            self._background.do(partial(_look, name, self.captions_file, *self._columns), found, bad)

    def _on_found(self, name: str, looked: Looked) -> None:
        if name != self.value():
            return
        self.check, self.captions_file = looked.check, looked.captions_file
        self._look.setEnabled(looked.is_here)
        self._field.set_problem("")
        self._found.setText(found_text(looked.check))
        self.checked.emit()

    def _on_not_listed(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self._field.set_problem(f"{error.message} {error.next_step}")

    def _on_bad(self, name: str, error: Exception) -> None:
        if not isinstance(error, SketchDeskError | OSError):
            raise error
        if name == self.value():
            text = f"{error.message} {error.next_step}" if isinstance(error, SketchDeskError) else str(error)
            self.check = None
            # What only lacks captions can be given some there; of the rest the page says more.
            self._look.setEnabled(isinstance(error, SketchDeskError) and error.kind in LOOKABLE)
            self._found.setText("")
            self._field.set_problem(text)
            self.checked.emit()


def _look(name: str, captions_file: str, image_column: str, caption_column: str) -> Looked:
    kept = edits_file(name)
    file = captions_file or (str(kept) if kept.is_file() else "")
    check = check_dataset(name, caption_column, image_column, file)
    return Looked(check, file, place_of(name) is not None)


def found_text(check: DatasetCheck) -> str:
    """Return what was found, in a sentence: 1,500 pictures with captions."""
    if check.is_remote:
        if not check.pictures:
            return _("On the hub; downloaded when it is first used")
        text = ngettext(
            "{count} picture on the hub; downloaded when it is first used",
            "{count} pictures on the hub; downloaded when they are first used",
            check.pictures,
        )
        return text.format(count=number_text(check.pictures))
    count = ngettext("{count} picture with a caption", "{count} pictures with captions", check.pictures)
    parts = [count.format(count=number_text(check.pictures))]
    if check.missing:
        text = ngettext("{count} file is missing", "{count} files are missing", check.missing)
        parts.append(text.format(count=number_text(check.missing)))
    if check.unshown:
        text = ngettext(
            "{count} in a folder that is not read", "{count} in folders that are not read", check.unshown
        )
        parts.append(text.format(count=number_text(check.unshown)))
    if check.without_caption:
        text = ngettext("{count} without a caption", "{count} without a caption", check.without_caption)
        parts.append(text.format(count=number_text(check.without_caption)))
    if check.edited:
        text = ngettext("{count} caption edited", "{count} captions edited", check.edited)
        parts.append(text.format(count=number_text(check.edited)))
    return " · ".join(parts)
