"""A titled group of the recipe's fields: made a step at a time, asked and set by the job's names for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.check_field import CheckField
from sketchdesk.ui.training.choice_field import ChoiceField
from sketchdesk.ui.training.dataset_field import DatasetField
from sketchdesk.ui.training.fork_line import ForkLine
from sketchdesk.ui.training.method_field import MethodField
from sketchdesk.ui.training.model_field import ModelField
from sketchdesk.ui.training.number_field import NumberField
from sketchdesk.ui.training.recipe_fields import (
    CHOICES,
    COMMON,
    LORA,
    MORE,
    NUMBERS,
    OPEN_CHOICES,
    Group,
)
from sketchdesk.ui.training.recipe_words import labels, placeholders
from sketchdesk.ui.widgets.fold import Fold
from sketchdesk.workers.background import Background

RANK = "lora_rank"
FIRST_RANK = 16
"""What is offered where no adapters were trained before."""

AnyField = NumberField | ChoiceField | CheckField


class FieldGroup(QWidget):
    """The fields of a group, two in a row, its boxes below, under its title if it has one.

    Signals:
        changed(): Something else is typed, chosen or ticked in it.
    """

    changed = Signal()

    def __init__(self, group: Group, first: TrainJob, parent: QWidget | None = None) -> None:
        """Make the fields, with the values of `first`."""
        super().__init__(parent)
        self.setObjectName(f"training_group_{group.key}")
        self._group = group
        self._title = named(QLabel(), f"training_group_{group.key}_title")
        self.fields: dict[str, AnyField] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        if group.title:
            set_role(self._title, "heading")
            layout.addWidget(self._title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        for row, names in enumerate(group.pairs):
            for column, name in enumerate(names):
                made = self.fields[name] = _field(name, first)
                grid.addWidget(made, row, column, 1, 1 if len(names) > 1 else 2, Qt.AlignmentFlag.AlignTop)
                grid.setColumnStretch(column, 1)
        layout.addLayout(grid)
        for name in group.checks:
            self.fields[name] = box = CheckField(f"training_{name}")
            box.set_value(getattr(first, name))
            layout.addWidget(box)
        for each in self.fields.values():
            each.changed.connect(self.changed)
        self.retranslate()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._title.setText(_(self._group.title) if self._group.title else "")
        words, empty = labels(), placeholders()
        for name, each in self.fields.items():
            each.set_text(*words[name])
            if isinstance(each, NumberField):
                each.set_placeholder(empty.get(name, ""))
                each.check()
            elif isinstance(each, ChoiceField):
                each.retranslate()


def _field(name: str, first: TrainJob) -> AnyField:
    value = getattr(first, name)
    if name in NUMBERS:
        return NumberField(f"training_{name}", NUMBERS[name], value or FIRST_RANK if name == RANK else value)
    choice = ChoiceField(f"training_{name}", CHOICES.get(name) or OPEN_CHOICES[name])
    choice.set_value(value)
    return choice


@dataclass
class FormFields:
    """Every part of a form: those of their own kind, the groups, and all the groups' fields by the job's names."""

    model: ModelField
    dataset: DatasetField
    method: MethodField
    fork: ForkLine
    common: FieldGroup
    lora: FieldGroup
    fold: Fold
    """What the groups that seldom matter lie in."""
    more: list[FieldGroup] = field(default_factory=list)

    @property
    def groups(self) -> list[FieldGroup]:
        """All of them, from top to bottom."""
        return [self.common, self.lora, *self.more]

    def by_name(self) -> dict[str, AnyField]:
        """Return every field."""
        return {name: each for group in self.groups for name, each in group.fields.items()}


def form_fields(first: TrainJob, background: Background) -> Iterator[FormFields | None]:
    """Make the parts in steps, for whoever does other things in between; the last that comes is all of them."""
    model, dataset = ModelField(), DatasetField(background)
    yield None
    method, fork = MethodField(), ForkLine()
    yield None
    common = FieldGroup(COMMON, first)
    yield None
    made = FormFields(model, dataset, method, fork, common, FieldGroup(LORA, first), Fold("training_more"))
    made.fold.body.setSpacing(20)
    for group in MORE:
        yield None
        made.more.append(FieldGroup(group, first))
        made.fold.body.addWidget(made.more[-1])  # here, one a step: putting things into each other takes its time too
    yield made
