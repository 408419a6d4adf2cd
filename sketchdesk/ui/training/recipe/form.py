"""The recipe: everything a training is told, the common things in sight and the rest folded away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.dataset.sources import is_hub_id
from sketchdesk.library.models.installed import BUILT, ModelEntry
from sketchdesk.library.training.averaging import ema_decay_at
from sketchdesk.library.training.conflicts import conflicts, doubts
from sketchdesk.library.wording.number_words import short
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.training.recipe.choice_field import ChoiceField
from sketchdesk.ui.training.recipe.field_group import mark, put_in, value_in
from sketchdesk.ui.training.recipe.group import RANK, FormFields
from sketchdesk.ui.training.recipe.model_field import short_name
from sketchdesk.ui.widgets.field import Field

PROMPTS_PX = 76
FIRST = TrainJob(model="demo-base", dataset="demo-sketch", out_dir="")
"""What a form shows before it is given a job."""
ADAM = ("adamw", "adamw_8bit")


class RecipeForm(QWidget):
    """A form over TrainJob. What it does not show of a job that it was given stays as it was.

    Signals:
        value_changed(): Something in it is different now, or what is known of it (the data set was counted).
    """

    value_changed = Signal()

    def __init__(self, fields: FormFields, parent: QWidget | None = None) -> None:
        """Take what form_fields() has made. It has to be put where it belongs, and `put_together`."""
        super().__init__(parent)
        self.setObjectName("training_recipe")
        self._given = FIRST
        self._is_setting = False
        self._cell_px = 0
        self._precision: str | None = None
        self._clips: set[str] = set()
        self._name = QLineEdit()
        self._name_field = Field("training_name", self._name)
        self.model, self.dataset = fields.model, fields.dataset
        self.method, self.fork = fields.method, fields.fork
        self._prompts = QPlainTextEdit()
        # The application's style sheet sets a height of its own, which would win over setFixedHeight.
        self._prompts.setStyleSheet(f"min-height: {PROMPTS_PX}px; max-height: {PROMPTS_PX}px;")
        self._prompts.setTabChangesFocus(True)
        self._prompts_field = Field("training_prompts", self._prompts)
        self._groups = fields
        self._fields = fields.by_name()
        self.more = fields.fold
        self.more.set_help("training#recipe")
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(12)
        self._connect()
        self._show_words()
        self.set_value(self._given)

    # --- the value -----------------------------------------------------------------------------------------------

    def value(self) -> TrainJob:
        """Return the recipe as a job with no folder yet; a number that is not possible counts as it last was."""
        values: dict[str, Any] = {name: value_in(field) for name, field in self._fields.items()}
        prompts = (line.strip() for line in self._prompts.toPlainText().splitlines())
        job = msgspec.structs.replace(
            self._given,
            model=self.model.value,
            dataset=self.dataset.value(),
            captions_file=self.dataset.captions_file,
            fork_from=self.fork.value,
            validation_prompts=tuple(prompt for prompt in prompts if prompt),
            **values,
        )
        return self.method.applied(job)

    def set_value(self, job: TrainJob) -> None:
        """Show a job's settings; the name of the run stays."""
        self._is_setting = True
        self._given = msgspec.structs.replace(job, out_dir="", resume=False)
        self.model.set_value(job.model)
        self.dataset.set_columns(job.image_column, job.caption_column)
        self.dataset.set_value(job.dataset, job.captions_file)
        self.method.show_job(job)
        self.fork.set_value(job.fork_from)
        self._prompts.setPlainText("\n".join(job.validation_prompts))
        for name, field in self._fields.items():
            if name != RANK or job.lora_rank:  # without adapters, the rank they would have stays
                put_in(field, getattr(job, name))
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
        fields = [self.model.problem, self.dataset.problem, *(field.problem for field in self._fields.values())]
        return [problem for problem in fields if problem]

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these models, and the CLIPs among them as judges."""
        self.model.set_models(models)
        self._clips = {model.name for model in models if model.family == "clip" and not model.problem}
        self._choice("reward_clip").set_choices({name: name for name in sorted({*BUILT, *self._clips})})
        self._on_changed()

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        found = {"auto": N_("the best there is")} | {each.device: each.device for each in devices}
        self._choice("device").set_choices(found)
        self._precision = devices[0].preferred if devices else None
        self._on_changed()

    def set_cell(self, cell_px: int) -> None:
        """Say of how many pixels the model's pictures are made up, 0 if that is not known: sizes must fit."""
        self._cell_px = cell_px
        self._check(self.value())

    # --- building ------------------------------------------------------------------------------------------------

    def put_together(self) -> Iterator[None]:
        """Put the parts in place, one by one: each part that is given a parent is dressed anew."""
        upper = (self._name_field, self.fork, self.model, self.dataset, self.method, self._groups.lora)
        for widget in (*upper, self._groups.common, self._prompts_field, self.more):
            self._layout.addWidget(widget)
            yield
        self._on_changed()

    def _connect(self) -> None:
        self._name.textChanged.connect(self._on_changed)
        self._prompts.textChanged.connect(self._on_changed)
        for changed in (self.model.changed, self.method.changed, self.dataset.changed, self.fork.changed):
            changed.connect(self._on_changed)
        for group in self._groups.groups:
            group.changed.connect(self._on_changed)
        self.dataset.checked.connect(self._on_changed)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._show_words()
        for group in self._groups.groups:
            group.retranslate()
        self._on_changed()

    def _show_words(self) -> None:
        """Show the words of all but the groups, which say theirs when they are made."""
        self._name_field.set_text(_("Name"), _("What the run and its folder are called"))
        self._prompts_field.set_text(
            _("Prompts to watch"), _("Prompts, one a line, that are drawn now and then while the model learns")
        )
        self._prompts.setPlaceholderText(_("One a line; leave it empty to draw nothing."))
        self.more.set_text(_("More settings"), _("Show the settings that seldom change"))
        for part in (self.dataset, self.model, self.method, self.fork):
            part.retranslate()

    def _choice(self, name: str) -> ChoiceField:
        field = self._fields[name]
        assert isinstance(field, ChoiceField)
        return field

    # --- what goes together --------------------------------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        if self._is_setting:
            return
        job = self.value()
        self._name.setPlaceholderText(f"{short_name(job.model)} · {short_name(job.dataset)}")
        self._groups.lora.setVisible(self.method.adapts and not self._groups.lora.isWindow())
        for name, counts in _counts(job).items():
            self._fields[name].setEnabled(counts)
        self._check(job)
        self.value_changed.emit()

    def _check(self, job: TrainJob) -> None:
        """Say at the fields what does not go together, and what the numbers come to."""
        reasons, remarks = conflicts(job, self._precision), doubts(job)
        if job.resolution and self._cell_px and job.resolution % self._cell_px:
            reasons["resolution"] = _("It must be a multiple of {cell} for this model.").format(cell=self._cell_px)
        if job.reward_weight and self._clips and job.reward_clip not in self._clips:
            reasons["reward_clip"] = _(
                "There is no “{name}” on this machine yet; `sketchdesk demo build {recipe}` trains it."
            ).format(name=job.reward_clip, recipe=job.reward_clip.removeprefix("demo-"))
        if job.use_ema:
            end = ema_decay_at(job.max_train_steps, job.ema_decay)
            remarks["use_ema"] = _("{decay} ({reached} at step {step})").format(
                decay=short(job.ema_decay), reached=number_text(end, 2 if end < 0.99 else 4),
                step=number_text(job.max_train_steps),
            )  # fmt: skip
        mark(self._fields, reasons, remarks)


def _counts(job: TrainJob) -> dict[str, bool]:
    """Return which of a job's settings count for anything, given the others; those not named always do."""
    judged, is_huber, is_adam = job.reward_weight > 0, job.loss == "huber", job.optimizer in ADAM
    return {
        "ema_decay": job.use_ema,
        "ema_device": job.use_ema,
        "lr_warmup_steps": job.lr_scheduler != "constant",
        "huber_c": is_huber,
        "huber_schedule": is_huber,
        "adam_beta1": job.optimizer != "adafactor",
        "adam_beta2": job.optimizer != "adafactor",
        "adam_epsilon": is_adam,
        "activation_budget_gib": job.gradient_checkpointing,
        "streaming": is_hub_id(job.dataset),
        "reward_clip": judged,
        "reward_prefix": judged,
        "reward_start_step": judged,
        "reward_every": judged,
        "reward_below": judged,
        "reward_threshold": judged,
    }
