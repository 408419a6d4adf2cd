"""Where an export goes to: typed or chosen, and told what is wrong with it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.library.export.plan import Kind
from sketchdesk.ui.gallery.export.plan import SUFFIXES, free_target
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.widgets.field import Field


class ExportTarget(QWidget):
    """A path for one kind of export; for each kind a free one is proposed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_target_line")
        self._kind: Kind = "folder"
        self._folder = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
        self.edit = QLineEdit()
        self._field = Field("export_target", self.edit)
        self._choose = named(QPushButton(), "export_choose_button")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._field.add_beside(self._choose)
        layout.addWidget(self._field)
        self.edit.textChanged.connect(self.check)
        self._choose.clicked.connect(self._on_choose)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._field.set_text(_("Where to"), _("The folder or file to make"))
        self._choose.setText(_("Choose…"))
        describe(self._choose, _("Choose where to in a dialog"))

    def path(self) -> Path:
        """Return what is asked for."""
        return Path(self.edit.text().strip()).expanduser()

    @property
    def problem(self) -> str:
        """Why nothing can be exported there, "" where it can."""
        return self._field.problem

    def set_problem(self, text: str) -> None:
        """Say why the export failed there."""
        self._field.set_problem(text)

    def propose(self, kind: Kind) -> None:
        """Propose a place for another kind of export."""
        self._kind = kind
        self.edit.setText(str(free_target(self._folder, kind, f"SketchDesk {date.today().isoformat()}")))

    @Slot()
    def check(self) -> bool:
        """Mark a path that is not possible; True if it is possible."""
        path, problem = self.path(), ""
        if not self.edit.text().strip():
            problem = _("Choose where to export to.")
        elif not path.is_absolute():
            problem = _("Write the whole path, or choose it.")
        elif self._kind != "folder" and path.exists():
            problem = _("There is a file of this name already; choose another name.")
        elif self._kind == "folder" and path.is_file():
            problem = _("This is a file, not a folder; choose another name.")
        self._field.set_problem(problem)
        return not problem

    @Slot()
    def _on_choose(self) -> None:
        chooser = QFileDialog(self, _("Export pictures"), str(self._folder))
        chooser.setObjectName("export_chooser")
        chooser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._kind == "folder":
            chooser.setFileMode(QFileDialog.FileMode.Directory)
        else:
            chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            chooser.setNameFilter(f"*{SUFFIXES[self._kind]}")
            # Nothing is replaced: a name that is taken is told at the field.
            chooser.setOption(QFileDialog.Option.DontConfirmOverwrite)
            chooser.selectFile(Path(self.edit.text()).name)
        chooser.fileSelected.connect(self._on_chosen)
        chooser.open()

    @Slot(str)
    def _on_chosen(self, chosen: str) -> None:
        path = Path(chosen)
        if self._kind != "folder" and not path.suffix:
            path = path.with_suffix(SUFFIXES[self._kind])
        self._folder = path if self._kind == "folder" else path.parent
        self.edit.setText(str(path))
