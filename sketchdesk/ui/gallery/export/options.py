"""The options of each kind of export."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.export.axes import AXES
from sketchdesk.library.export.names import FIELDS, file_names
from sketchdesk.library.export.plan import Kind
from sketchdesk.ui.gallery.export.plan import PATTERNS
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import ComboBox, SpinBox

MOST_COLUMNS = 12


class ExportOptions(QWidget):
    """Shows what can be chosen for one kind, and keeps what was chosen for the others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("export_options")
        self._pattern_box = ComboBox()
        self._pattern_box.setEditable(True)
        self._pattern_box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._pattern_box.addItems(PATTERNS)
        self._pattern = Field("export_pattern", self._pattern_box)
        self._pattern_hint = named(QLabel(), "export_pattern_hint")
        self._title_edit = QLineEdit()
        self._title = Field("export_title", self._title_edit)
        self._columns_box = SpinBox(0, MOST_COLUMNS, 0)
        self._columns = Field("export_columns", self._columns_box)
        self._axes = {name: ComboBox() for name in ("across", "down")}
        self._axis_fields = {name: Field(f"export_{name}", box) for name, box in self._axes.items()}
        self._table = named(QWidget(), "export_axes")
        self._captions = named(QCheckBox(), "export_captions_box")
        self._dark = named(QCheckBox(), "export_dark_box")
        self._originals = named(QCheckBox(), "export_originals_box")
        self._captions.setChecked(True)
        set_role(self._pattern_hint, "small")
        self._pattern_hint.setWordWrap(True)
        self._shown: dict[Kind, tuple[QWidget, ...]] = {
            "folder": (self._pattern, self._pattern_hint),
            "zip": (self._pattern, self._pattern_hint),
            "sheet": (self._title, self._table, self._columns, self._captions, self._dark),
            "page": (self._title, self._originals),
            "table": (),
        }
        side_by_side = QHBoxLayout(self._table)
        side_by_side.setContentsMargins(0, 0, 0, 0)
        side_by_side.setSpacing(16)
        for field in self._axis_fields.values():
            side_by_side.addWidget(field, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        for widget in (
            self._pattern, self._pattern_hint, self._title, self._table, self._columns, self._captions, self._dark,
            self._originals,
        ):  # fmt: skip
            layout.addWidget(widget)
        self._pattern_box.currentTextChanged.connect(self.check)
        for box in self._axes.values():
            box.currentIndexChanged.connect(self._on_axis)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._pattern.set_text(_("File names"), _("What the files are called; empty keeps the images' own names"))
        line = self._pattern_box.lineEdit()
        if line:
            line.setPlaceholderText(_("The images' own names"))
        fields = ", ".join(f"{{{name}}}" for name in FIELDS)
        self._pattern_hint.setText(_("Filled in for every image: {fields}").format(fields=fields))
        self._title.set_text(_("Title"), _("Stands above the images"))
        for name, label, sentence in (
            ("across", _("From column to column"), _("What grows along the top of the sheet, written above it")),
            ("down", _("From row to row"), _("What grows along the side of the sheet, written beside it")),
        ):
            self._axis_fields[name].set_text(label, sentence)
            self._fill_axis(self._axes[name])
        self._columns.set_text(_("Columns"), _("How many images stand side by side"))
        self._columns_box.setSpecialValueText(_("as fits"))
        self._captions.setText(_("Prompt and seed below every image"))
        describe(self._captions, _("Write prompt and seed below every image"))
        self._dark.setText(_("Dark paper"))
        describe(self._dark, _("Light text on dark paper"))
        self._originals.setText(_("With the image files beside it"))
        describe(self._originals, _("Copy the image files into a folder beside the page, which leads to them"))

    @staticmethod
    def _fill_axis(box: ComboBox) -> None:
        chosen = box.currentData()
        box.blockSignals(True)
        box.clear()
        box.addItem(_("as they come"), None)
        for axis, text in AXES.items():
            box.addItem(_(text), axis)
        box.setCurrentIndex(max(0, box.findData(chosen)))
        box.blockSignals(False)

    @Slot()
    def _on_axis(self) -> None:
        self._columns.setEnabled(not any(box.currentData() for box in self._axes.values()))

    def show_kind(self, kind: Kind) -> None:
        """Show the options of a kind."""
        for widget in {one for widgets in self._shown.values() for one in widgets}:
            widget.setVisible(widget in self._shown[kind])

    def values(self) -> dict[str, object]:
        """Return the chosen options as ExportPlan takes them."""
        return {
            "pattern": self._pattern_box.currentText().strip(),
            "title": self._title_edit.text().strip(),
            "columns": self._columns_box.value() or None,
            **{name: box.currentData() for name, box in self._axes.items()},
            "captions": self._captions.isChecked(),
            "dark": self._dark.isChecked(),
            "originals": self._originals.isChecked(),
        }

    def check(self) -> bool:
        """Mark a pattern that is not possible; True if there is none such."""
        try:
            file_names((), self._pattern_box.currentText())
        except SketchDeskError as error:
            self._pattern.set_problem(error.message)
        else:
            self._pattern.set_problem("")
        return not self._pattern.problem
