"""A titled group of fields of a form over a job, made from tables: asked and set by the job's names for them."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.recipe.check_field import CheckField
from sketchdesk.ui.training.recipe.choice_field import ChoiceField, Words
from sketchdesk.ui.training.recipe.number_field import Limits, NumberField
from sketchdesk.ui.training.recipe.text_field import TextField

AnyField = NumberField | ChoiceField | TextField | CheckField


@dataclass(frozen=True)
class Group:
    """Fields that belong together, two in a row, and boxes to tick below them."""

    key: str
    title: str
    pairs: tuple[tuple[str, ...], ...]
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldBook:
    """What a job's fields are in a form: limits of numbers, words of choices, lines of text; by the job's names."""

    prefix: str
    """What the objectNames begin with."""
    numbers: Mapping[str, Limits]
    choices: Mapping[str, Mapping[str, Words]]
    labels: Callable[[], dict[str, tuple[str, str]]]
    """Returns label and sentence of every field, in the language in use."""
    placeholders: Callable[[], dict[str, str]]
    """Returns what an empty field means."""
    texts: Container[str] = ()

    def field(self, name: str, value: Any) -> AnyField:
        """Make the field of a number, a text or a choice."""
        if name in self.numbers:
            return NumberField(f"{self.prefix}_{name}", self.numbers[name], value)
        if name in self.texts:
            return TextField(f"{self.prefix}_{name}", value)
        choice = ChoiceField(f"{self.prefix}_{name}", self.choices[name])
        choice.set_value(value)
        return choice


class FieldGroup(QWidget):
    """The fields of a group, two in a row, its boxes below, under its title if it has one.

    Signals:
        changed(): Something else is typed, chosen or ticked in it.
    """

    changed = Signal()

    def __init__(
        self, group: Group, first: Struct, book: FieldBook, instead: Mapping[str, Any] | None = None,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        """Make the fields, with the values of `first`, or those `instead` of them."""
        super().__init__(parent)
        self.setObjectName(f"{book.prefix}_group_{group.key}")
        self._group, self._book = group, book
        self._title = named(QLabel(), f"{book.prefix}_group_{group.key}_title")
        self.fields: dict[str, AnyField] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        if group.title:
            set_role(self._title, "heading")
            layout.addWidget(self._title)
        grid = self._grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        for row, names in enumerate(group.pairs):
            for column, name in enumerate(names):
                made = self.fields[name] = book.field(name, (instead or {}).get(name, getattr(first, name)))
                grid.addWidget(made, row, column, 1, 1 if len(names) > 1 else 2, Qt.AlignmentFlag.AlignTop)
                grid.setColumnStretch(column, 1)
        layout.addLayout(grid)
        for name in group.checks:
            self.fields[name] = box = CheckField(f"{book.prefix}_{name}")
            box.set_value(getattr(first, name))
            layout.addWidget(box)
        for each in self.fields.values():
            each.changed.connect(self.changed)
        self.retranslate()

    def add_below(self, widget: QWidget) -> None:
        """Put a control of another kind below the fields, as wide as all of them."""
        self._grid.addWidget(widget, self._grid.rowCount(), 0, 1, 2)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._title.setText(_(self._group.title) if self._group.title else "")
        words, empty = self._book.labels(), self._book.placeholders()
        for name, each in self.fields.items():
            each.set_text(*words[name])
            if isinstance(each, NumberField | TextField):
                each.set_placeholder(empty.get(name, ""))
            if not isinstance(each, CheckField):
                each.retranslate()


def value_in(field: AnyField) -> Any:
    """Return what a field holds."""
    return field.number if isinstance(field, NumberField) else field.value


def put_in(field: AnyField, value: Any) -> None:
    """Show a value in a field."""
    field.set_number(value) if isinstance(field, NumberField) else field.set_value(value)


def mark(fields: Mapping[str, AnyField], reasons: Mapping[str, str], remarks: Mapping[str, str]) -> None:
    """Say at the fields what does not go with the rest, and what is to be said of what does; elsewhere say nothing."""
    for name, field in fields.items():
        if isinstance(field, NumberField):
            field.set_extra_problem(reasons.get(name, ""))
        else:
            field.set_problem(reasons.get(name, ""))
        field.set_remark(remarks.get(name, ""))
