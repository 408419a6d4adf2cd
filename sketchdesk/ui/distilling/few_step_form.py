"""The form of a distillation: what matters in sight, the rest folded away, and what does not go together said there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.distillation.conflicts import conflicts, doubts
from sketchdesk.library.distillation.told import Told, head_told
from sketchdesk.library.distillation.ways import ONE_STEP, Size, fitted, is_ready_made, size_of, way_of, with_way
from sketchdesk.library.models.families import DRAWABLE
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.distilling.few_step_fields import BOOK, COMMON, MORE, OWN_SAMPLER, counting
from sketchdesk.ui.distilling.path_field import PathField
from sketchdesk.ui.distilling.start_field import StartField
from sketchdesk.ui.distilling.way_cards import WayCards
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.lora_rows import LoraRows
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.recipe.choice_field import ChoiceField
from sketchdesk.ui.training.recipe.dataset_field import DatasetField
from sketchdesk.ui.training.recipe.field_group import AnyField, FieldGroup, mark, put_in, value_in
from sketchdesk.ui.training.recipe.model_field import ModelField, short_name
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.fold import Fold
from sketchdesk.workers.background import Background

PROMPTS_PX = 60
WEIGHT_FILES = "*.safetensors"
FIRST = DistillJob(model="demo-base", out_dir="", dataset="demo-colour")
"""What a form shows before it is given a job."""


class TeacherField(ModelField):
    """The models that can teach: those that draw, a rectified flow too."""

    def __init__(self) -> None:
        super().__init__("few_step_model")

    def can_use(self, model: ModelEntry) -> bool:
        """Tell whether a model is offered."""
        return model.family in DRAWABLE and not model.problem and not model.inpaints

    def retranslate(self) -> None:
        """Take the language in use."""
        super().retranslate()
        self.set_text(_("Teacher"), _("The model that draws in many steps, and is made to draw in few"))


class FewStepForm(QWidget):
    """A form over DistillJob: `value`, `set_value`. What it does not show of a job that it was given stays as it was.

    Signals:
        value_changed(): Something in it is different now, or what is known of its data set.
    """

    value_changed = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("few_step_form")
        self._given, self._is_setting = FIRST, True
        self._heads: dict[str, str] = {}
        self._told: tuple[DistillJob, Told] | None = None
        self._size: Size | None = None
        self._name = QLineEdit()
        self.setFocusProxy(self._name)
        self._name_field = Field("few_step_name", self._name)
        self.model, self.loras = TeacherField(), LoraRows(name="few_step_loras")
        self.ways = WayCards()
        self._common = FieldGroup(COMMON, FIRST, BOOK)
        self.dataset = DatasetField(background, "few_step_dataset", is_optional=True)
        self._prompts, self._watched = QPlainTextEdit(), QPlainTextEdit()
        self._prompts_field = Field("few_step_prompts", self._prompts)
        self._watched_field = Field("few_step_watched", self._watched)
        self.more = Fold("few_step_more")
        self._add_lora = named(QPushButton(), "few_step_add_lora")
        self._pairs_dir = PathField("few_step_pairs_dir")
        self._lpips = PathField("few_step_lpips_weights", WEIGHT_FILES)
        self._begins = StartField()
        self._more = [FieldGroup(group, FIRST, BOOK, {"sampler": OWN_SAMPLER}) for group in MORE]
        self._groups = [self._common, *self._more]
        self._fields: dict[str, AnyField] = {
            name: field for group in self._groups for name, field in group.fields.items()
        }
        self._build()
        self._connect()
        self.retranslate()
        self.set_value(FIRST)

    # --- the value -----------------------------------------------------------------------------------------------

    def value(self) -> DistillJob:
        """Return the distillation with no folder yet; a number that is not possible counts as it last was."""
        values: dict[str, Any] = {name: value_in(field) for name, field in self._fields.items()}
        values["sampler"] = values["sampler"] or None
        return self._begins.applied(msgspec.structs.replace(
            self._given, model=self.model.value, loras=self.loras.value(), dataset=self.dataset.value(),
            captions_file=self.dataset.captions_file, prompts=_lines(self._prompts),
            validation_prompts=_lines(self._watched), pairs_dir=self._pairs_dir.value,
            lpips_weights=self._lpips.value, **values,
        ))  # fmt: skip

    @Slot(object)
    def set_value(self, job: DistillJob) -> None:
        """Show a distillation's settings; its name stays."""
        self._size = None
        self._show(job)

    def _show(self, job: DistillJob) -> None:
        self._is_setting = True
        self._given = msgspec.structs.replace(job, out_dir="", resume=False)
        self.model.set_value(job.model)
        self.loras.set_value(job.loras)
        self.dataset.set_value(job.dataset, job.captions_file)
        self._prompts.setPlainText("\n".join(job.prompts))
        self._watched.setPlainText("\n".join(job.validation_prompts))
        self._pairs_dir.set_value(job.pairs_dir)
        self._lpips.set_value(job.lpips_weights)
        self._begins.set_value(job.start)
        for name, field in self._fields.items():
            value = getattr(job, name)
            put_in(field, OWN_SAMPLER if value is None and name == "sampler" else value)
        self._is_setting = False
        self._on_changed()

    @property
    def title(self) -> str:
        """What the run will be called: as typed, else after its teacher."""
        return self._name.text().strip() or self._usual_title

    @property
    def problems(self) -> list[str]:
        """Why it cannot be started as it is, one sentence each; empty where it can."""
        parts = (self.model, self.dataset, self._prompts_field, *self._fields.values(), self._begins)
        return [part.problem for part in parts if part.problem]

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these teachers."""
        self._heads = {model.name: head_told(model.family, model.prediction_type) for model in models}
        self.model.set_models(models)
        self._begins.set_models(models)
        self._on_changed()

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        device = self._fields["device"]
        assert isinstance(device, ChoiceField)
        device.set_choices({"auto": N_("the best there is")} | {each.device: each.device for each in devices})

    @Slot(object, object)
    def set_told(self, job: DistillJob, told: Told) -> None:
        """Say what the files of a job's models tell: what goes together, and which size a way's numbers are for."""
        self._told = job, told
        if job.model == self.model.value:
            self._fit_to(size_of(told.unet_parameters))
        self._check(self.value())

    def _fit_to(self, size: Size) -> None:
        """Offer the way's numbers for a teacher of this size; the person's own stay, and those of an earlier run."""
        if size == self._size:
            return
        given_for: Size = "small" if is_ready_made(self._given) else size
        before, self._size = self._size or given_for, size
        job = fitted(self.value(), before, size)
        self._is_setting = True
        for name, field in self._fields.items():
            if name in ONE_STEP:
                put_in(field, getattr(job, name))
        self._is_setting = False
        self._on_changed()

    # --- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for box in (self._prompts, self._watched):
            # The application's style sheet sets a height of its own, which would win over setFixedHeight.
            box.setStyleSheet(f"min-height: {PROMPTS_PX}px; max-height: {PROMPTS_PX}px;")
            box.setTabChangesFocus(True)
        set_role(self._add_lora, "link")
        set_icon(self._add_lora, "plus", "accent")
        self.more.body.setSpacing(20)
        of_pairs, of_student, of_phases, *_others = self._more
        below: dict[FieldGroup, tuple[QWidget, ...]] = {
            of_pairs: (self._pairs_dir, self._add_lora), of_student: (self._begins,), of_phases: (self._lpips,)
        }
        for group in self._more:
            self.more.body.addWidget(group)
            for widget in below.get(group, ()):
                group.add_below(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        for widget in (
            self._name_field, self.model, self.loras, self.ways, self._common, self.dataset, self._prompts_field,
            self._watched_field, self.more,
        ):  # fmt: skip
            layout.addWidget(widget)
        layout.addStretch(1)

    def _connect(self) -> None:
        for changed in (
            self._name.textChanged, self._prompts.textChanged, self._watched.textChanged, self._pairs_dir.changed,
            self._lpips.changed, self._begins.changed, self.model.changed, self.loras.changed, self.dataset.changed,
            self.dataset.checked,
            *(group.changed for group in self._groups),
        ):  # fmt: skip
            changed.connect(self._on_changed)
        self.ways.chosen.connect(self._on_way)
        self._add_lora.clicked.connect(self._on_add_lora)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._name_field.set_text(_("Name"), _("What the run and its folder are called"))
        self._prompts_field.set_text(
            _("Captions of your own"), _("What the teacher draws pairs of, one a line; beside the data set's captions")
        )
        self._prompts.setPlaceholderText(_("One a line; with a data set it may stay empty."))
        self._watched_field.set_text(
            _("Prompts to watch"), _("Prompts, one a line, that teacher and student draw side by side now and then")
        )
        self._watched.setPlaceholderText(_("One a line; leave it empty to draw nothing."))
        self._pairs_dir.set_words(
            _("Folder of the pairs"),
            _("Pairs of the same teacher that lie there are used; empty: in the run's folder"),
            _("in the run's folder"), _("Choose the folder of the pairs"),
        )  # fmt: skip
        self._lpips.set_words(
            _("Weights of LPIPS"),
            _("A file of LPIPS with VGG, which then judges likeness in the place of the VAE's decoder"),
            _("none: the VAE's decoder judges"), _("Choose the weights of LPIPS"),
        )  # fmt: skip
        self._add_lora.setText(_("Add a LoRA to the teacher…"))
        describe(self._add_lora, _("What the LoRA does becomes part of the student"))
        self.more.set_text(_("More settings"), _("Show the settings that seldom change"))
        for part in (self.model, self.loras, self.ways, self.dataset, self._begins):
            part.retranslate()
        for group in self._groups:
            group.retranslate()
        self._on_changed()

    # --- what goes together --------------------------------------------------------------------------------------

    @property
    def _usual_title(self) -> str:
        return _("{model}, few-step").format(model=short_name(self.model.value))

    @Slot()
    def _on_changed(self) -> None:
        if self._is_setting:
            return
        job = self.value()
        self._name.setPlaceholderText(self._usual_title)
        self.ways.show_way(way_of(job), is_ready_made(job, self._size or "small"))
        self._check(job)
        self.value_changed.emit()

    def _check(self, job: DistillJob) -> None:
        nothing = not job.dataset and not job.prompts
        self._prompts_field.set_problem(_("Name a data set, or write some captions.") if nothing else "")
        counts = counting(job)
        for name, does in counts.items():
            self._fields[name].setEnabled(does)
        self._lpips.setEnabled(counts["feature_weight"] and job.feature_weight > 0)
        mark({**self._fields, "start": self._begins}, conflicts(job, self._told_of(job)), doubts(job))

    def _told_of(self, job: DistillJob) -> Told:
        """Return what is known of a job's models: by their files where these were read, else by the list of models."""
        if self._told and (self._told[0].model, self._told[0].start) == (job.model, job.start):
            return self._told[1]
        return Told(head=self._heads.get(job.model, ""), start_head=self._heads.get(job.start, ""))

    @Slot(str)
    def _on_way(self, way: Any) -> None:
        self._show(with_way(self.value(), way, self._size or "small"))

    @Slot()
    def _on_add_lora(self) -> None:
        dialog = QFileDialog(self, _("Add a LoRA to the teacher"))
        dialog.setObjectName("few_step_lora_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(f"LoRA ({WEIGHT_FILES})")
        dialog.fileSelected.connect(self.loras.add)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _lines(box: QPlainTextEdit) -> tuple[str, ...]:
    lines = (line.strip() for line in box.toPlainText().splitlines())
    return tuple(line for line in lines if line)
