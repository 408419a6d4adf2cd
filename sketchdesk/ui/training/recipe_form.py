"""The recipe: everything a training is told, the common things in sight and the rest folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.models import ModelEntry
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.training.choice_field import ChoiceField
from sketchdesk.ui.training.dataset_field import DatasetField
from sketchdesk.ui.training.model_field import ModelField, short_name
from sketchdesk.ui.training.number_field import NumberField
from sketchdesk.ui.training.recipe_fields import (
    CHECKS,
    CHOICES,
    COMMON_CHECKS,
    COMMON_PAIRS,
    MORE_CHECKS,
    MORE_PAIRS,
    NUMBERS,
    labels,
    placeholders,
)
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.fold import Fold
from sketchdesk.workers.background import Background

PROMPTS_PX = 76
NUMBERS_IN_A_TURN = 10
FIRST = TrainJob(model="demo-base", dataset="demo-sketch", out_dir="")
"""What a form shows before it is given a job."""


@dataclass(frozen=True)
class FormFields:
    """The fields of a form that are alike, by the job's names for them."""

    numbers: dict[str, NumberField]
    choices: dict[str, ChoiceField]


def form_fields() -> Iterator[FormFields | None]:
    """Make the fields in steps, for whoever does other things in between; the last that comes is all of them."""
    numbers = {}
    for count, (name, limits) in enumerate(NUMBERS.items(), 1):
        numbers[name] = NumberField(f"training_{name}", limits, getattr(FIRST, name))
        if count % NUMBERS_IN_A_TURN == 0:
            yield None
    yield FormFields(numbers, {name: ChoiceField(f"training_{name}", words) for name, words in CHOICES.items()})


class RecipeForm(QWidget):
    """A form over TrainJob. What it does not show of a job that it was given stays as it was.

    Signals:
        value_changed(): Something in it is different now, or what is known of it (the data set was counted).
    """

    value_changed = Signal()

    def __init__(self, fields: FormFields, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_recipe")
        self._given = FIRST
        self._is_setting = False
        self._cell_px = 0
        self._name = QLineEdit()
        self._name_field = Field("training_name", self._name)
        self.model = ModelField()
        self.dataset = DatasetField(background)
        self._prompts = QPlainTextEdit()
        # The application's style sheet sets a height of its own, which would win over setFixedHeight.
        self._prompts.setStyleSheet(f"min-height: {PROMPTS_PX}px; max-height: {PROMPTS_PX}px;")
        self._prompts.setTabChangesFocus(True)
        self._prompts_field = Field("training_prompts", self._prompts)
        self._device = ChoiceField("training_device", {"auto": N_("the best there is")})
        self._numbers, self._choices = fields.numbers, fields.choices
        self._checks = {name: named(QCheckBox(), f"training_{name}") for name in CHECKS}
        self.more = Fold("training_more")
        self.more.set_help("training#recipe")
        self._build()
        self._connect()
        self.retranslate()
        self.set_value(self._given)

    # --- the value -----------------------------------------------------------------------------------------------

    def value(self) -> TrainJob:
        """Return the recipe as a job with no folder yet; a number that is not possible counts as it last was."""
        numbers: dict[str, Any] = {name: field.number for name, field in self._numbers.items()}
        prompts = (line.strip() for line in self._prompts.toPlainText().splitlines())
        return msgspec.structs.replace(
            self._given,
            model=self.model.value,
            dataset=self.dataset.value(),
            device=self._device.value,
            validation_prompts=tuple(prompt for prompt in prompts if prompt),
            **numbers,
            **{name: field.value for name, field in self._choices.items()},
            **{name: box.isChecked() for name, box in self._checks.items()},
        )

    def set_value(self, job: TrainJob) -> None:
        """Show a job's settings; the name of the run stays."""
        self._is_setting = True
        self._given = msgspec.structs.replace(job, out_dir="", resume=False)
        self.model.set_value(job.model)
        self.dataset.set_value(job.dataset)
        self._device.set_value(job.device)
        self._prompts.setPlainText("\n".join(job.validation_prompts))
        for name, field in self._numbers.items():
            field.set_number(getattr(job, name))
        for name, choice in self._choices.items():
            choice.set_value(getattr(job, name))
        for name, box in self._checks.items():
            box.setChecked(getattr(job, name))
        self._is_setting = False
        self._on_changed()

    @property
    def name(self) -> str:
        """What the run is to be called, as typed; may be empty."""
        return self._name.text().strip()

    def set_name(self, name: str) -> None:
        """Call the run something else."""
        self._name.setText(name)

    @property
    def title(self) -> str:
        """What the run will be called: its name, else what is taught to whom."""
        job = self.value()
        return self.name or f"{short_name(job.model)} · {short_name(job.dataset)}"

    @property
    def problems(self) -> list[str]:
        """Why it cannot be started as it is, one sentence each; empty where it can."""
        fields = [self.model.problem, self.dataset.problem, *(field.problem for field in self._numbers.values())]
        return [problem for problem in fields if problem]

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these models."""
        self.model.set_models(models)
        self._on_changed()

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        self._device.set_choices({"auto": N_("the best there is")} | {each.device: each.device for each in devices})

    def set_cell(self, cell_px: int) -> None:
        """Say of how many pixels the model's pictures are made up, 0 if that is not known: sizes must fit."""
        self._cell_px = cell_px
        self._check_resolution()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (self._name_field, self.model, self.dataset):
            layout.addWidget(widget)
        layout.addLayout(self._pairs(COMMON_PAIRS))
        for name in COMMON_CHECKS:
            layout.addWidget(self._checks[name])
        layout.addWidget(self._prompts_field)
        layout.addWidget(self.more)
        self.more.body.addLayout(self._pairs(MORE_PAIRS))
        self.more.body.addWidget(self._device)
        for name in MORE_CHECKS:
            self.more.body.addWidget(self._checks[name])
        for box in self._checks.values():
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def _pairs(self, pairs: Sequence[tuple[str, str]]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        for row, pair in enumerate(pairs):
            for column, name in enumerate(pair):
                field = self._numbers.get(name) or self._choices[name]
                grid.addWidget(field, row, column, Qt.AlignmentFlag.AlignTop)
                grid.setColumnStretch(column, 1)
        return grid

    def _connect(self) -> None:
        self._name.textChanged.connect(self._on_changed)
        self._prompts.textChanged.connect(self._on_changed)
        for number in self._numbers.values():
            number.changed.connect(self._on_changed)
        for choice in (self.model, self._device, *self._choices.values()):
            choice.changed.connect(self._on_changed)
        self.dataset.changed.connect(self._on_changed)
        self.dataset.checked.connect(self._on_changed)
        for box in self._checks.values():
            box.toggled.connect(self._on_changed)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._name_field.set_text(_("Name"), _("What the run and its folder are called"))
        self._prompts_field.set_text(
            _("Prompts to watch"), _("Prompts, one a line, that are drawn now and then while the model learns")
        )
        self._prompts.setPlaceholderText(_("One a line; leave it empty to draw nothing."))
        self._device.set_text(_("Device"), _("Where it is computed"))
        self.more.set_text(_("More settings"), _("Show the settings that seldom change"))
        self.dataset.retranslate()
        for choice in (self.model, self._device, *self._choices.values()):
            choice.retranslate()
        for name, (label, sentence) in labels().items():
            if name in self._checks:
                self._checks[name].setText(label)
                describe(self._checks[name], sentence)
            else:
                (self._numbers.get(name) or self._choices[name]).set_text(label, sentence)
        for name, text in placeholders().items():
            self._numbers[name].set_placeholder(text)
        for number in self._numbers.values():
            number.check()
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        if self._is_setting:
            return
        job = self.value()
        self._name.setPlaceholderText(f"{short_name(job.model)} · {short_name(job.dataset)}")
        self._numbers["ema_decay"].setEnabled(job.use_ema)
        self._numbers["lr_warmup_steps"].setEnabled(job.lr_scheduler != "constant")
        self._check_resolution()
        self.value_changed.emit()

    def _check_resolution(self) -> None:
        side = self._numbers["resolution"].number
        fits = not side or not self._cell_px or side % self._cell_px == 0
        reason = "" if fits else _("It must be a multiple of {cell} for this model.").format(cell=self._cell_px)
        self._numbers["resolution"].set_extra_problem(reason)
