"""The variants of a study: what stands before every prompt for the models that draw, and for the one that scores."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import StudyVariant
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role

MOST = 8


class VariantRow(QFrame):
    """One variant.

    Signals:
        changed(): Something else is written.
        removed(): The row is not wanted.
    """

    changed = Signal()
    removed = Signal()

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"study_variant_{number}")
        set_role(self, "inset")
        self._kept = StudyVariant(name=str(number + 1))
        self._shown_title = ""
        self._title, self._generator, self._scorer = (
            named(QLineEdit(), f"study_variant_{number}_{part}") for part in ("title", "generator", "scorer")
        )
        self._labels = tuple(QLabel() for _each in range(3))
        self._remove = named(QToolButton(), f"study_variant_{number}_remove")
        set_icon(self._remove, "x", "muted")
        set_role(self._remove, "flat")
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(6)
        for row, (label, line) in enumerate(
            zip(self._labels, (self._title, self._generator, self._scorer), strict=True)
        ):
            set_role(label, "muted")
            label.setBuddy(line)
            layout.addWidget(label, row, 0)
            layout.addWidget(line, row, 1)
            line.textEdited.connect(self.changed)
        layout.addWidget(self._remove, 0, 2)
        layout.setColumnStretch(1, 1)
        self._remove.clicked.connect(self.removed)

    def value(self) -> StudyVariant:
        """Return the variant. A preset's title stays what it is in English until it is changed."""
        typed = self._title.text().strip()
        title = self._kept.title if typed == self._shown_title else typed
        return StudyVariant(
            name=self._kept.name,
            title=title,
            generator_prefix=" ".join(self._generator.text().split()),
            scorer_prefix=" ".join(self._scorer.text().split()),
        )

    def set_value(self, variant: StudyVariant) -> None:
        """Show a variant."""
        self._kept = variant
        self._shown_title = _(variant.title) if variant.title else ""
        self._title.setText(self._shown_title)
        self._generator.setText(variant.generator_prefix)
        self._scorer.setText(variant.scorer_prefix)

    def set_removable(self, removable: bool) -> None:
        """Show or hide the button that takes the row out."""
        self._remove.setVisible(removable)

    def retranslate(self) -> None:
        """Take the language in use."""
        value = self.value()
        texts = (
            (_("Called"), _("What the tables call this variant")),
            (_("Drawn with"), _("Words before every prompt for the models that draw")),
            (_("Scored with"), _("Words before every prompt for the model that scores")),
        )
        lines = (self._title, self._generator, self._scorer)
        for label, line, (text, sentence) in zip(self._labels, lines, texts, strict=True):
            label.setText(text)
            describe(line, sentence)
        self._generator.setPlaceholderText(_("nothing: the bare prompt"))
        self._scorer.setPlaceholderText(_("nothing: the bare prompt"))
        describe(self._remove, _("Take this variant out"))
        self.set_value(value)


class VariantRows(QWidget):
    """One row or more.

    Signals:
        changed(): Something else is written, or another number of variants.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[VariantRow] = []
        self._add = named(QPushButton(), "study_variant_add")
        set_role(self._add, "link")
        set_icon(self._add, "plus", "accent")
        self._add.setIconSize(QSize(14, 14))
        self._add.clicked.connect(self._on_add)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._layout.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        self.set_value((StudyVariant(name="1"),))

    def value(self) -> tuple[StudyVariant, ...]:
        """Return the variants."""
        return tuple(row.value() for row in self._rows)

    def set_value(self, variants: tuple[StudyVariant, ...]) -> None:
        """Show these, at least one row."""
        wanted = variants or (StudyVariant(name="1"),)
        while self._rows and len(self._rows) > len(wanted):
            self._drop(self._rows[-1])
        while len(self._rows) < len(wanted):
            self._append()
        for row, variant in zip(self._rows, wanted, strict=True):
            row.set_value(variant)
        self._settle()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._add.setText(_("Another variant"))
        describe(self._add, _("Ask in one more way; ways that draw alike share their pictures"))
        for row in self._rows:
            row.retranslate()

    def _append(self) -> None:
        row = VariantRow(len(self._rows))
        row.changed.connect(self.changed)
        row.removed.connect(self._on_removed)
        row.retranslate()
        self._layout.insertWidget(len(self._rows), row)
        self._rows.append(row)

    def _drop(self, row: VariantRow) -> None:
        self._rows.remove(row)
        self._layout.removeWidget(row)
        row.hide()
        row.deleteLater()

    def _settle(self) -> None:
        for row in self._rows:
            row.set_removable(len(self._rows) > 1)
        self._add.setEnabled(len(self._rows) < MOST)
        self.changed.emit()

    @Slot()
    def _on_add(self) -> None:
        names = {variant.name for variant in self.value()}
        name = next(str(number) for number in range(1, MOST + 2) if str(number) not in names)
        self._append()
        self._rows[-1].set_value(StudyVariant(name=name))
        self._settle()

    @Slot()
    def _on_removed(self) -> None:
        self.set_value(tuple(row.value() for row in self._rows if row is not self.sender()))
