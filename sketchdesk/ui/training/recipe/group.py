"""The parts of the recipe form: made a step at a time, asked and set by the job's names for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.ui.training.recipe.dataset_field import DatasetField
from sketchdesk.ui.training.recipe.field_group import AnyField, FieldBook, FieldGroup
from sketchdesk.ui.training.recipe.fields import (
    CHOICES,
    COMMON,
    LORA,
    MORE,
    NUMBERS,
    OPEN_CHOICES,
    TEXTS,
)
from sketchdesk.ui.training.recipe.fork_line import ForkLine
from sketchdesk.ui.training.recipe.method_field import MethodField
from sketchdesk.ui.training.recipe.model_field import ModelField
from sketchdesk.ui.training.recipe.words import labels, placeholders
from sketchdesk.ui.widgets.fold import Fold
from sketchdesk.workers.background import Background

RANK = "lora_rank"
FIRST_RANK = 16
"""What is offered where no adapters were trained before."""

BOOK = FieldBook("training", NUMBERS, CHOICES | OPEN_CHOICES, labels, placeholders, TEXTS)


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
    common = FieldGroup(COMMON, first, BOOK)
    yield None
    lora = FieldGroup(LORA, first, BOOK, {RANK: first.lora_rank or FIRST_RANK})
    made = FormFields(model, dataset, method, fork, common, lora, Fold("training_more"))
    made.fold.body.setSpacing(20)
    for group in MORE:
        yield None
        made.more.append(FieldGroup(group, first, BOOK))
        made.fold.body.addWidget(made.more[-1])  # here, one a step: putting things into each other takes its time too
    yield made
