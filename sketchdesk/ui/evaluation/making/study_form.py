"""A study as a form over StudyJob: prompts, models, variants, seeds, and how to score."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import StudyJob, StudyTiming
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.evaluation.studies import drawing_count, image_count
from sketchdesk.library.evaluation.study_presets import preset_job
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.prompts.seeds import count_of, parse_seeds, seeds_text
from sketchdesk.ui.evaluation.making.model_rows import ModelRows
from sketchdesk.ui.evaluation.making.prompt_lines import PromptLines
from sketchdesk.ui.evaluation.making.scoring_fields import Scoring, ScoringFields
from sketchdesk.ui.evaluation.making.variant_rows import VariantRows
from sketchdesk.ui.evaluation.words import size_sentence
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import SpinBox

MOST_IMAGES = 100_000
MOST_STEPS = 1000
PROMPTS_PX, LABEL_PX = 108, 20


class StudyForm(QWidget):
    """Everything of a study but its folder. What it does not show of a job it was given, it keeps.

    Signals:
        value_changed(): Something else is chosen.
        message(Message): A dropped prompt list could not be read.
    """

    value_changed = Signal()
    message = Signal(Message)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("study_form")
        self._kept = preset_job("both", "", "")
        self._shown_title = ""
        self._title = QLineEdit()
        self._prompts = PromptLines()
        self._prompts.setMaximumHeight(PROMPTS_PX)
        self._models = ModelRows()
        self._variants = VariantRows()
        self._seeds = QLineEdit()
        self._seeds.setFont(fonts.tabular(self._seeds.font()))
        self._steps = SpinBox(1, MOST_STEPS, 25)
        self._scoring = ScoringFields("study", of_study=True)
        self._timed = named(QCheckBox(), "study_timed_box")
        self._fields = {
            "title": Field("study_title", self._title),
            "models": Field("study_models", self._models),
            "prompts": Field("study_prompts", self._prompts),
            "variants": Field("study_variants", self._variants),
            "seeds": Field("study_seeds", self._seeds),
            "steps": Field("study_steps", self._steps),
        }
        self._arrange()
        self._connect()
        self.set_value(self._kept)
        self.retranslate()

    def _arrange(self) -> None:
        self._fields["prompts"].setMinimumHeight(PROMPTS_PX + LABEL_PX)  # the style sheet has a say over the editor's
        numbers = QHBoxLayout()
        numbers.setSpacing(12)
        numbers.addWidget(self._fields["seeds"], 2)
        numbers.addWidget(self._fields["steps"], 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        for name in ("title", "models", "prompts", "variants"):
            layout.addWidget(self._fields[name])
        layout.addLayout(numbers)
        layout.addWidget(self._scoring)
        layout.addWidget(self._timed)
        layout.addStretch(1)

    def _connect(self) -> None:
        self._title.textEdited.connect(self._on_changed)
        self._prompts.textChanged.connect(self._on_changed)
        self._prompts.message.connect(self.message)
        self._models.changed.connect(self._on_changed)
        self._variants.changed.connect(self._on_changed)
        self._seeds.textEdited.connect(self._on_changed)
        self._steps.valueChanged.connect(self._on_changed)
        self._scoring.changed.connect(self._on_changed)
        self._timed.toggled.connect(self._on_changed)

    # --- the value -----------------------------------------------------------------------------------------------

    def value(self) -> StudyJob:
        """Return the study as far as it is filled in; see problems() for whether it can be done."""
        typed = self._title.text().strip()
        scoring = self._scoring.value()
        return msgspec.structs.replace(
            self._kept,
            title=self._kept.title if typed == self._shown_title else typed,
            prompts=self._prompts.prompts(),
            models=self._models.value(),
            variants=self._variants.value(),
            seeds=self._typed_seeds(),
            num_inference_steps=self._steps.value(),
            metrics=scoring.metrics,
            clip_model=scoring.clip_model,
            blip_model=scoring.blip_model,
            device=scoring.device,
            sources=scoring.sources,
            timing=(self._kept.timing or StudyTiming()) if self._timed.isChecked() else None,
        )

    def set_value(self, job: StudyJob) -> None:
        """Show a study; where its files were does not count."""
        self._kept = msgspec.structs.replace(job, out_dir="")
        self._shown_title = _(job.title) if job.title else ""
        self._title.setText(self._shown_title)
        self._prompts.set_prompts(job.prompts)
        self._models.set_value(job.models)
        self._variants.set_value(job.variants)
        self._seeds.setText(_seeds_words(job.seeds))
        self._steps.setValue(job.num_inference_steps)
        self._timed.setChecked(job.timing is not None)
        self._scoring.set_value(Scoring(job.metrics, job.clip_model, job.blip_model, job.device, job.sources))
        self._on_changed()

    def problems(self) -> dict[str, str]:
        """Return field → why the study cannot be done so; nothing where it can."""
        job = self.value()
        found = {
            "title": "" if job.title else _("Give the study a title."),
            "prompts": "" if job.prompts else _("Write at least one prompt."),
            "models": self._models.problem(),
            "seeds": self._seeds_problem(),
            "scoring": self._scoring.problem(),
        }
        if not found["seeds"] and image_count(job) > MOST_IMAGES:
            found["seeds"] = _("At most {count} images in one study.").format(count=number_text(MOST_IMAGES))
        return {name: problem for name, problem in found.items() if problem}

    def summary(self) -> str:
        """Return how many pictures it will be."""
        job = self.value()
        fewer = drawing_count(job)
        if fewer == image_count(job):
            return size_sentence(job)
        words = ngettext(
            "{count} picture is drawn; variants that draw alike share theirs.",
            "{count} pictures are drawn; variants that draw alike share theirs.",
            fewer,
        )
        return f"{size_sentence(job)}\n{words.format(count=number_text(fewer))}"

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these models."""
        self._models.set_models(models)
        self._scoring.set_models(models)

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        self._scoring.set_devices(devices)

    def retranslate(self) -> None:
        """Take the language in use."""
        untouched = self._title.text().strip() == self._shown_title
        fields = self._fields
        fields["title"].set_text(_("Title"), _("What the study is called"))
        fields["models"].set_text(_("Models and their names in the tables"), _("The models that are compared"))
        fields["prompts"].set_text(
            _("Prompts, one a line; a prompt file can be dropped here"), _("What every model draws, one prompt a line")
        )
        fields["variants"].set_text(_("Variants: words before every prompt"), _("The ways of asking"))
        fields["seeds"].set_text(_("Seeds of every prompt"), _("One seed, a list 1, 5, 9 or a range 0–5"))
        fields["steps"].set_text(_("Steps"), _("Denoising steps of every picture"))
        self._timed.setText(_("Time the models"))
        describe(self._timed, _("Draw some pictures more, one by one and in batches, and time every stage of each"))
        for part in (self._models, self._variants, self._scoring):
            part.retranslate()
        if untouched:
            self._shown_title = _(self._kept.title) if self._kept.title else ""
            self._title.setText(self._shown_title)
        self._show_state()

    def _typed_seeds(self) -> tuple[int, ...]:
        """Return the seeds; where what is typed means none, those that were meant last."""
        try:
            runs = parse_seeds(self._seeds.text())
        except SketchDeskError:
            return self._kept.seeds
        # So many are refused anyway; their list need not be made for that.
        return tuple(seed for run in runs for seed in run) if count_of(runs) <= MOST_IMAGES else self._kept.seeds

    def _seeds_problem(self) -> str:
        try:
            parse_seeds(self._seeds.text())
        except SketchDeskError as error:
            return error.message
        return ""

    @Slot()
    def _on_changed(self) -> None:
        self._show_state()
        self.value_changed.emit()

    def _show_state(self) -> None:
        problems = self.problems()
        for name, field in self._fields.items():
            field.set_problem(problems.get(name, ""))
        self._scoring.show_problem()


def _seeds_words(seeds: tuple[int, ...]) -> str:
    runs: list[range] = []
    for seed in seeds:
        if runs and runs[-1].stop == seed:
            runs[-1] = range(runs[-1].start, seed + 1)
        else:
            runs.append(range(seed, seed + 1))
    return seeds_text(runs)
