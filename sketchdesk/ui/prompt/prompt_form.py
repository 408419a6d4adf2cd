"""How to draw: the fields below the prompts, in and out as a Draft, each with its problem marked at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.check import refusals
from sketchdesk.library.drawing.draft import Draft
from sketchdesk.library.models.added_files import Added
from sketchdesk.library.models.draw_facts import DrawFacts
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.prompts.seeds import LARGEST_SEED, count_of
from sketchdesk.library.settings import Settings
from sketchdesk.library.wording.number_words import short
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.job_building import LARGEST_COUNT, build_job
from sketchdesk.ui.prompt.lora_rows import LoraRows
from sketchdesk.ui.prompt.model_choice import ModelChoice, short_names
from sketchdesk.ui.prompt.more_settings import MoreSettings
from sketchdesk.ui.prompt.own_choice import OwnChoice, OwnNumber, parse_guidance, parse_size, size_text
from sketchdesk.ui.prompt.seed_field import SeedField
from sketchdesk.ui.prompt.start_card import StartCard
from sketchdesk.ui.prompt.word_rows import WordRows
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.quiet import SpinBox

GUIDANCES = ("1", "3", "5", "7.5", "10")
LARGEST_STEPS = 1000
ADDED = ("lora", "embedding")


class PromptForm(QWidget):
    """The fields.

    Signals:
        changed(): Something in them is different now.
        file_wanted(): The person wants a LoRA or learnt words that are not in the list.
    """

    changed = Signal()
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_form")
        self._facts = DrawFacts()
        self._facts_of: str | None = None
        self._last_guidance, self._last_size = "", ""
        self._added_entries: list[ModelEntry] = []
        self.prefix, self.start = QLineEdit(), StartCard()
        self.model, self.loras, self.words = ModelChoice(), LoraRows(), WordRows()
        self.steps, self.count = SpinBox(1, LARGEST_STEPS, 25), SpinBox(1, LARGEST_COUNT, 1)
        self.guidance, self.picture_size, self.seed = OwnNumber(), OwnChoice(), SeedField()
        self.fold = MoreSettings()
        self.place, self.sampler = self.fold.place, self.fold.sampler
        self._added_menu = named(QMenu(self), "prompt_lora_menu")
        self._fields = {
            name: Field(f"prompt_{name}", control)
            for name, control in (
                ("prefix", self.prefix), ("model", self.model), ("steps", self.steps), ("guidance", self.guidance),
                ("size", self.picture_size), ("count", self.count), ("seed", self.seed),
            )
        }  # fmt: skip
        self.prefix.setAcceptDrops(False)
        self.keep = named(QCheckBox(), "prompt_keep_box")
        """Whether pictures are saved as they are drawn; it stands in the bar below, with the buttons that draw."""
        self.keep.setChecked(True)
        self._build()
        self._connect()

    # --- in and out ----------------------------------------------------------------------------------------------

    def draft(self, rows: Sequence[PromptRow], entry: str) -> Draft:
        """Return everything as it is typed, with the prompts given."""
        return Draft(
            rows=tuple(rows), entry=entry, style_prefix=self.prefix.text(), model=self.model.name,
            loras=self.loras.value(), embeddings=self.words.value(), init_image=self.start.picture,
            mask_image=self.start.mask_image, strength=self.start.strength, steps=self.steps.value(),
            guidance=self.guidance.text(), size=self.picture_size.text(), seeds=self.seed.text,
            keeps_seed=self.seed.is_kept, count=self._own_count, keep=self.keep.isChecked(), **self.fold.values(),
        )  # fmt: skip

    def set_draft(self, draft: Draft) -> None:
        """Show a draft's fields."""
        self.prefix.setText(draft.style_prefix)
        self.model.choose(draft.model)
        self.loras.set_value(draft.loras)
        self.words.set_value(draft.embeddings)
        self.start.set_value(draft.init_image, draft.mask_image, draft.strength)
        self.fold.set_draft(draft)
        self.steps.setValue(draft.steps)
        self.guidance.set_text(draft.guidance)
        self.picture_size.set_text(draft.size)
        self._own_count = min(LARGEST_COUNT, max(1, draft.count))
        self.seed.set_seeds(draft.seeds, draft.keeps_seed)
        self.keep.setChecked(draft.keep)
        self._show_count()

    def job(self, rows: Sequence[PromptRow], settings: Settings) -> GenerateJob:
        """Return the job; for a field whose text means nothing, with what it meant last."""
        draft = self.draft(rows, "")
        if not parse_guidance(draft.guidance).problem:
            self._last_guidance = draft.guidance
        if not parse_size(draft.size, self._facts.cell_px).problem:
            self._last_size = draft.size
        possible = msgspec.structs.replace(draft, guidance=self._last_guidance, size=self._last_size)
        return build_job(possible, rows, self.seed.seeds(), settings)

    def images_each(self) -> int:
        """Return how many images a row without a count of its own gets."""
        listed = count_of(self.seed.seeds())
        return listed if listed > 1 else self._own_count

    def check(self) -> str:
        """Mark what is not possible, each at its field, and return the first reason; "" where all is."""
        guidance, size = parse_guidance(self.guidance.text()), parse_size(self.picture_size.text(), self._facts.cell_px)
        refused = self._refused()
        self.fold.show_skip_problem(refused.get("clip_skip", ""))
        found = {
            "model": self.model.problem() or refused.get("model", ""), "guidance": guidance.problem,
            "size": size.problem, "seed": self._seed_problem(),
        }  # fmt: skip
        for name, reason in found.items():
            if self._fields[name].problem != reason:
                self._fields[name].set_problem(reason)
        line = self.seed.line
        if line.property("invalid") != ("true" if found["seed"] else "false"):
            line.setProperty("invalid", "true" if found["seed"] else "false")
            line.style().polish(line)
        self.place.show_problem()
        has_bad = self.loras.has_problem() or self.words.has_problem()
        added = _("A LoRA or a learnt word cannot be used.") if has_bad else ""
        reasons = (*found.values(), *refused.values(), self.start.problem, self.place.problem(), added)
        return next((reason for reason in reasons if reason), "")

    # --- what is here --------------------------------------------------------------------------------------------

    def set_models(self, entries: Sequence[ModelEntry]) -> None:
        """Offer the models, and the LoRAs and learnt words among them."""
        self._added_entries = [entry for entry in entries if entry.family in ADDED and not entry.problem]
        self.model.set_models(entries)

    def set_facts(self, model: str, facts: DrawFacts) -> None:
        """Say what a model does by itself; steps that were another model's recommended ones become this one's."""
        if (model, facts) == (self._facts_of, self._facts):
            return
        if self._facts_of not in (None, model) and self.steps.value() == self._facts.num_inference_steps:
            self.steps.setValue(facts.num_inference_steps)
        self._facts_of, self._facts = model, facts
        self._offer()

    def add_file(self, family: Added, path: str) -> None:
        """Add a LoRA or learnt words."""
        (self.loras if family == "lora" else self.words).add(path)

    def show_added_problems(self, problems: Mapping[str, str]) -> None:
        """Say of the files that were added why they cannot be used, by their paths."""
        self.loras.show_problems(problems)
        self.words.show_problems(problems)

    def show_remarks(self, remarks: Mapping[str, str]) -> None:
        """Say at the fields what counts for nothing, by the fields of a job."""
        self.fold.show_remarks(remarks)
        self.words.set_remark(remarks.get("embeddings", ""))

    def retranslate(self) -> None:
        """Take the language in use."""
        texts = {
            "prefix": (_("Style prefix"), _("Words in front of every prompt")),
            "model": (_("Model"), _("The model that draws")),
            "steps": (_("Steps"), _("Denoising steps: more are slower and, up to a point, better")),
            "guidance": (_("Guidance"), _("How strictly to follow the prompt")),
            "size": (_("Size"), _("Width × height in pixels")),
            "count": (_("Images each"), _("Images of each prompt, unless it has a count of its own")),
            "seed": (_("Seeds"), _("Which noise each image begins with: one seed, a list or a range")),
        }
        for name, (label, sentence) in texts.items():
            self._fields[name].set_text(label, sentence)
        self.keep.setText(_("Keep the pictures"))
        describe(self.keep, _("Without it they wait in the gallery until you save or drop them"))
        self.prefix.setPlaceholderText(_("a black and white sketch of"))
        for part in (self.model, self.loras, self.words, self.start, self.seed, self.fold):
            part.retranslate()
        self._offer()
        self._show_count()

    # --- how it is made ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._own_count = 1
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(12)
        for place, name in enumerate(("steps", "guidance", "size", "count")):
            grid.addWidget(self._fields[name], place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
            grid.setColumnStretch(place % 2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(12)
        layout.addWidget(self._fields["prefix"])
        layout.addWidget(self._fields["model"])
        for rows in (self.loras, self.words, self.start):
            layout.addWidget(rows)
        layout.addLayout(grid)
        layout.addWidget(self._fields["seed"])
        layout.addWidget(self.fold)
        self._offer()

    def _connect(self) -> None:
        self.prefix.textChanged.connect(self.changed)
        self.model.chosen.connect(self.changed)
        self.loras.changed.connect(self.changed)
        self.words.changed.connect(self.changed)
        self.start.changed.connect(self._on_start)
        self.fold.changed.connect(self.changed)
        self.steps.valueChanged.connect(self.changed)
        self.guidance.typed.connect(self.changed)
        self.picture_size.typed.connect(self.changed)
        self.seed.changed.connect(self._on_seed)
        self.count.valueChanged.connect(self._on_count)
        self.keep.toggled.connect(self.changed)
        self.fold.files_wanted.connect(self._on_files_wanted)

    def _on_seed(self) -> None:
        self._show_count()
        self.changed.emit()

    def _on_count(self, value: int) -> None:
        self._own_count = value
        self.changed.emit()

    def _on_start(self) -> None:
        self._offer()  # its size is the picture's own
        self.changed.emit()

    def _on_files_wanted(self) -> None:
        if not self._added_entries:
            self.file_wanted.emit()
            return
        self._added_menu.clear()
        for entry in self._added_entries:
            action = self._added_menu.addAction(short_names([entry])[entry.name])
            add = self.loras.add if entry.family == "lora" else self.words.add
            action.triggered.connect(partial(add, str(entry.path)))
        self._added_menu.addSeparator()
        self._added_menu.addAction(_("Choose a file…")).triggered.connect(self.file_wanted)
        button = self.fold.add_files
        self._added_menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _show_count(self) -> None:
        """A list or a range of seeds says itself how many images there are."""
        listed = count_of(self.seed.seeds()) > 1
        self.count.blockSignals(True)
        self.count.setValue(self.images_each())
        self.count.blockSignals(False)
        self.count.setEnabled(not listed)
        sentence = _("Images of each prompt, unless it has a count of its own")
        describe(self.count, _("As many as there are seeds") if listed else sentence)

    def _seed_problem(self) -> str:
        reason = self.seed.problem()
        if reason:
            return reason
        runs = self.seed.seeds()
        if runs and runs[-1].start + self.images_each() - 1 > LARGEST_SEED:
            return _("A seed is at most {limit}.").format(limit=LARGEST_SEED)
        return ""

    def _refused(self) -> dict[str, str]:
        """Return what the model chosen cannot do, by the fields of a job."""
        known = self._facts if self._facts_of == self.model.name else DrawFacts()
        asked = GenerateJob(
            model=self.model.name, prompts=(), out_dir="", clip_skip=self.fold.clip_skip.value(),
            init_image=self.start.picture or None, mask_image=self.start.mask_image or None,
        )  # fmt: skip
        return refusals(asked, known)

    def _offer(self) -> None:
        facts = self._facts
        side, larger = facts.side_px, facts.side_px * 3 // 2 // facts.cell_px * facts.cell_px
        sizes = [size_text(*size) for size in ((side, side), (side, larger), (larger, side), (larger, larger))]
        own = _("as the picture") if self.start.picture else self._own(f"{side} × {side}")
        self.picture_size.offer(own, sizes)
        self.guidance.offer(self._own(short(facts.guidance_scale)), GUIDANCES)

    def _own(self, value: str) -> str:
        """Say what is the model's own, with its value once that is known."""
        return _("own: {value}").format(value=value) if self._facts_of else _("model's own")
