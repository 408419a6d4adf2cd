"""What most drawings do without, folded away: a picture to begin with, files to add, and how exactly to draw."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QSizePolicy, QWidget

from sketchdesk.contracts.text import _, pgettext
from sketchdesk.library.drawing.draft import Draft
from sketchdesk.library.models.samplers import DISPLAY_NAMES
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.prompt.fast_choice import FastChoice
from sketchdesk.ui.prompt.job_building import LARGEST_SKIP, MOST_TOGETHER
from sketchdesk.ui.prompt.memory_choice import MemoryChoice
from sketchdesk.ui.prompt.picture_drop import PictureButton
from sketchdesk.ui.prompt.place_fields import PlaceFields
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.fold import Fold
from sketchdesk.ui.widgets.giving_button import GivingButton
from sketchdesk.ui.widgets.quiet import ComboBox, DoubleSpinBox, SpinBox

RESCALE_STEP = 0.05
REMARKED = {"negative_prompt": "negative", "guidance_rescale": "rescale"}
"""Fields of a job that may count for nothing, and which field here they are."""
CHECKS = ("wildcards", "prompt_weighting", "allow_pickle")


class MoreSettings(Fold):
    """The folded fields; in and out as those of a Draft.

    Signals:
        changed(): Something in them is different now.
        picture_wanted(): The person wants to choose a picture to begin with.
        picture_dropped(Path): This one.
        files_wanted(): The person wants to add a LoRA or learnt words.
    """

    changed = Signal()
    picture_wanted = Signal()
    picture_dropped = Signal(Path)
    files_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("prompt_fold", parent)
        self.set_help("drawing#guidance")
        self.start = named(PictureButton(), "prompt_start_button")
        self.add_files = named(GivingButton(), "prompt_add_lora_button")
        self.negative, self.suffix = QLineEdit(), QLineEdit()
        self.sampler, self.place, self.memory = ComboBox(), PlaceFields(), MemoryChoice()
        self.fast = FastChoice()
        self.clip_skip = SpinBox(0, LARGEST_SKIP, 0)
        self.rescale = DoubleSpinBox(0.0, 1.0, 0.0)
        self.rescale.setSingleStep(RESCALE_STEP)
        self.together = SpinBox(0, MOST_TOGETHER, 0)
        self.checks = {name: named(QCheckBox(), f"prompt_{name}_box") for name in CHECKS}
        self._fields = {
            name: Field(f"prompt_{name}", control)
            for name, control in (
                ("negative", self.negative), ("suffix", self.suffix), ("sampler", self.sampler),
                ("clip_skip", self.clip_skip), ("rescale", self.rescale), ("together", self.together),
                ("memory", self.memory), ("fast", self.fast),
            )
        }  # fmt: skip
        self._build()
        self._connect()

    def values(self) -> dict[str, Any]:
        """Return the fields of a Draft that stand here."""
        return {
            "negative_prompt": self.negative.text(), "style_suffix": self.suffix.text(),
            "sampler": self.sampler.currentData() or "", "device": self.place.device,
            "precision": self.place.precision, "clip_skip": self.clip_skip.value(),
            "guidance_rescale": round(self.rescale.value(), 3), "memory_savings": self.memory.value(),
            "fast": self.fast.value(), "batch_size": self.together.value(),
            **{name: box.isChecked() for name, box in self.checks.items()},
        }  # fmt: skip

    def set_draft(self, draft: Draft) -> None:
        """Show the fields of a draft that stand here."""
        self.negative.setText(draft.negative_prompt)
        self.suffix.setText(draft.style_suffix)
        self.sampler.setCurrentIndex(max(0, self.sampler.findData(draft.sampler)))
        self.place.set_place(draft.device, draft.precision)
        self.clip_skip.setValue(draft.clip_skip)
        self.rescale.setValue(draft.guidance_rescale)
        self.memory.set_value(draft.memory_savings)
        self.fast.set_value(draft.fast)
        self.together.setValue(draft.batch_size)
        for name, box in self.checks.items():
            box.setChecked(getattr(draft, name))

    def show_remarks(self, remarks: Mapping[str, str]) -> None:
        """Say at the fields what counts for nothing, by a job's fields."""
        for of_job, name in REMARKED.items():
            self._fields[name].set_remark(remarks.get(of_job, ""))

    def show_skip_problem(self, reason: str) -> None:
        """Say why so many layers cannot be left out; "" takes it back."""
        if self._fields["clip_skip"].problem != reason:
            self._fields["clip_skip"].set_problem(reason)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("More settings"), _("A picture to begin with, LoRAs, negative prompt, device and more"))
        self.start.set_full_text(_("Start from a picture…"))
        describe(self.start, _("Draw a picture anew, or only a part of it; you can also drop the picture here"))
        self.add_files.set_full_text(_("Add a LoRA or learnt words…"))
        describe(self.add_files, _("Draw with small files that change the model; you can also drop them on the panel"))
        texts = {
            "negative": (_("Negative prompt"), _("What to keep out of the pictures")),
            "suffix": (_("Style suffix"), _("Words behind every prompt")),
            "sampler": (_("Sampler"), _("How the noise is taken away")),
            "clip_skip": (_("Clip skip"), _("How many of the text encoder's last layers to leave out; 0 uses all")),
            "rescale": (_("Guidance rescale"), _("Against over-exposed pictures at high guidance; 0 is off")),
            "together": (_("Drawn together"), _("How many pictures are drawn at once, as far as memory allows")),
            "memory": (_("Save memory"), _("Slower, with less memory; where memory is short it is done unasked")),
            "fast": (_("Fast (approximate)"), _("Sooner, with pictures that are nearly the same")),
        }
        for name, (label, sentence) in texts.items():
            self._fields[name].set_text(label, sentence)
        boxes = {
            "wildcards": (
                _("{one|another} is a choice"),
                _("One of them is taken for every image, by its seed; the number of images stays the same"),
            ),
            "prompt_weighting": (
                _("(word:1.2) weighs more"),
                _("(word) counts more, [word] less, (word:1.3) exactly so much"),
            ),
            "allow_pickle": (
                _("Read .ckpt, .bin, .pt too"),
                _("Old kinds of files; those that would run code are refused all the same"),
            ),
        }
        for name, (label, sentence) in boxes.items():
            self.checks[name].setText(label)
            describe(self.checks[name], f"{label}. {sentence}.")
        self.together.setSpecialValueText(pgettext("number", "automatic"))
        self.rescale.setLocale(QLocale())
        self.negative.setPlaceholderText(_("nothing in particular"))
        self.suffix.setPlaceholderText(_(", on white paper"))
        self.place.retranslate()
        self.memory.retranslate()
        self.fast.retranslate()
        self._fill_samplers()

    def _build(self) -> None:
        set_icon(self.start, "image-plus", "muted")
        set_icon(self.add_files, "layers", "muted")
        for line in (self.negative, self.suffix):
            line.setAcceptDrops(False)
        pair = QGridLayout()
        pair.setHorizontalSpacing(8)
        for place, name in enumerate(("clip_skip", "rescale")):
            pair.addWidget(self._fields[name], 0, place, Qt.AlignmentFlag.AlignTop)
            pair.setColumnStretch(place, 1)
        self.body.addWidget(self.start)
        self.body.addWidget(self.add_files)
        for name in ("negative", "suffix", "sampler"):
            self.body.addWidget(self._fields[name])
        self.body.addWidget(self.place)
        self.body.addLayout(pair)
        for name in ("together", "memory"):
            self.body.addWidget(self._fields[name])
        for box in self.checks.values():
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self.body.addWidget(box)
        self.body.addWidget(self._fields["fast"])  # last: its boxes stand under a heading of their own
        self._fill_samplers()

    def _connect(self) -> None:
        for line in (self.negative, self.suffix):
            line.textChanged.connect(self.changed)
        self.sampler.currentIndexChanged.connect(self.changed)
        self.place.changed.connect(self.changed)
        self.clip_skip.valueChanged.connect(self.changed)
        self.rescale.valueChanged.connect(self.changed)
        self.together.valueChanged.connect(self.changed)
        self.memory.chosen.connect(self.changed)
        self.fast.chosen.connect(self.changed)
        for box in self.checks.values():
            box.toggled.connect(self.changed)
        self.start.clicked.connect(self.picture_wanted)
        self.start.dropped.connect(self.picture_dropped)
        self.add_files.clicked.connect(self.files_wanted)

    def _fill_samplers(self) -> None:
        chosen = self.sampler.currentData() or ""
        self.sampler.blockSignals(True)
        self.sampler.clear()
        self.sampler.addItem(_("as the model says"), "")
        for sampler, name in DISPLAY_NAMES.items():
            self.sampler.addItem(name, sampler)
        self.sampler.setCurrentIndex(max(0, self.sampler.findData(chosen)))
        self.sampler.blockSignals(False)
