"""The variants of a study: what stands before every prompt for the models that draw, and for the one that scores."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from sketchdesk.contracts.jobs import StudyVariant
from sketchdesk.contracts.text import _
from sketchdesk.ui.evaluation.making.row_list import Row, RowList
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role

LEAST, MOST = 1, 8


class VariantRow(Row[StudyVariant]):
    """One variant."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(f"study_variant_{number}", parent)
        set_role(self, "inset")
        self._kept = StudyVariant(name=str(number + 1))
        self._shown_title = ""
        self._title, self._generator, self._scorer = (
            named(QLineEdit(), f"study_variant_{number}_{part}") for part in ("title", "generator", "scorer")
        )
        self._labels = tuple(QLabel() for _each in range(3))
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
        layout.addWidget(self.remove_button, 0, 2, len(self._labels), 1, Qt.AlignmentFlag.AlignTop)
        layout.setColumnStretch(1, 1)

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
        describe(self.remove_button, _("Take this variant out"))
        self.set_value(value)


class VariantRows(RowList[StudyVariant]):
    """One row or more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("study_variant", LEAST, MOST, parent)
        self.set_value(())

    def make_row(self, number: int) -> VariantRow:
        """Return a row."""
        return VariantRow(number)

    def blank(self) -> StudyVariant:
        """Return the bare prompts, under the first name that is free."""
        names = {variant.name for variant in self.value()}
        return StudyVariant(name=next(str(number) for number in range(1, MOST + 2) if str(number) not in names))

    def retranslate(self) -> None:
        """Take the language in use."""
        self.add_button.setText(_("Another variant"))
        describe(self.add_button, _("Ask in one more way; ways that draw alike share their pictures"))
        super().retranslate()
