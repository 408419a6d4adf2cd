"""The selected model: what its card says, where it lies, and what can be done with it."""

from __future__ import annotations

import re
from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.own_models import is_own_copy, read_card
from sketchdesk.library.models.uses import Uses, short_name, uses_of
from sketchdesk.library.models.weights import UNSAFE_SUFFIXES
from sketchdesk.ui.models.model_table import DRAWING, ORIGINS, family_text
from sketchdesk.ui.models.prediction_field import PredictionField
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text, size_text
from sketchdesk.ui.sentences import job_text
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.column_scroll import ColumnScroll
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.workers.background import Background

RUNS_SHOWN = 5

_FRONT_MATTER = re.compile(r"\A---\s*\n.*?\n---\s*\n", re.DOTALL)
_HEADING = re.compile(r"^#{1,3} ", re.MULTILINE)
_BUTTONS = {
    "use": "brush", "few_step": "zap", "verify": "circle-check", "convert": "package", "open": "folder-open",
    "remove": "trash-2",
}  # fmt: skip


class ModelDetails(QFrame):
    """Facts, buttons and the model card, which is read in a thread.

    Signals:
        wished(str): "use", "few_step", "verify", "convert", "open" or "remove" the model on show.
        prediction_chosen(ModelEntry, str): The person says what its network predicts; "" to have it found out.
    """

    wished = Signal(str)
    prediction_chosen = Signal(ModelEntry, str)

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("model_details")
        set_role(self, "panel-right")
        self._background = background
        self._entry: ModelEntry | None = None
        self._uses: Uses = {}
        self._verifies = False
        self._title = named(ElidedLabel(), "model_title")
        set_role(self._title, "title")
        self._problem = named(QLabel(), "model_problem")
        set_role(self._problem, "bad")
        self._problem.setWordWrap(True)
        self._facts = {name: (named(QLabel(), f"model_{name}_label"), named(ElidedLabel(), f"model_{name}_value"))
                       for name in ("kind", "origin", "size", "precision", "licence", "place")}  # fmt: skip
        self._predicts = PredictionField()
        self._predicts.chosen.connect(self._on_prediction)
        self._buttons = {name: named(QPushButton(), f"model_{name}_button") for name in _BUTTONS}
        self._runs = named(QLabel(), "model_runs")
        self._runs.setWordWrap(True)
        self._runs.setTextFormat(Qt.TextFormat.PlainText)
        set_role(self._runs, "muted")
        self._card = named(QTextBrowser(), "model_card")
        self._card.setOpenExternalLinks(False)
        self._card.setOpenLinks(False)
        self._card.document().setIndentWidth(16)
        self._build_layout()
        self.retranslate()

    @property
    def entry(self) -> ModelEntry | None:
        """The model on show."""
        return self._entry

    def show_entry(self, entry: ModelEntry | None, uses: Uses) -> None:
        """Show another model, or none."""
        changed = entry != self._entry
        self._entry, self._uses = entry, uses
        self.setVisible(entry is not None)
        self._show()
        if entry is not None and changed:
            self._card.clear()
            self._background.do(partial(read_card, entry.path), partial(self._on_card, entry.name))

    @Slot(str, float)
    def show_verifying(self, _name: str, fraction: float) -> None:
        """Show how much of a model has been read again."""
        self._verifies = True
        percent = number_text(100 * fraction)
        self._buttons["verify"].setText(_("Verifying… {percent} %").format(percent=percent))
        self._buttons["verify"].setEnabled(False)

    @Slot(str)
    def end_verifying(self, _name: str) -> None:
        """Offer to verify again."""
        self._verifies = False
        self._buttons["verify"].setText(_("Verify"))
        self._buttons["verify"].setEnabled(True)

    def can(self, wish: str) -> bool:
        """Tell whether a wish is possible for the model on show."""
        entry = self._entry
        if entry is None:
            return False
        if wish == "use":
            return entry.family in DRAWING and not entry.problem
        if wish == "few_step":
            return entry.family in DRAWING and not entry.problem and not entry.inpaints and not entry.teacher
        if wish == "verify":
            return not self._verifies
        if wish == "convert":
            return entry.path.is_file() and entry.path.suffix.lower() in UNSAFE_SUFFIXES
        return wish != "remove" or entry.origin == "linked" or is_own_copy(entry.path)

    def retranslate(self) -> None:
        """Take the language in use."""
        labels = {"kind": _("Kind"), "origin": _("Where from"), "size": _("Size"), "precision": _("Precision"),
                  "licence": _("Licence"), "place": _("Folder")}  # fmt: skip
        for name, text in labels.items():
            self._facts[name][0].setText(text)
        texts = {
            "use": (_("Use for drawing"), _("Choose this model in the prompt panel")),
            "few_step": (
                _("Make few-step…"), _("Make a model that draws in one or a few steps what this one draws in many")
            ),
            "verify": (_("Verify"), _("Read every file again, and hold it against its publisher's checksum")),
            "convert": (_("To safetensors"), _("Write what it holds as a safetensors file; this one stays as it is")),
            "open": (_("Open folder"), _("Show the files in the file manager")),
            "remove": (_("Remove"), _("Take this model off the list; it can be undone")),
        }
        for name, (text, sentence) in texts.items():
            if name != "verify" or not self._verifies:
                self._buttons[name].setText(text)
            describe(self._buttons[name], sentence)
        describe(self._card, _("What the model's card says"))
        self._predicts.retranslate()
        self._show()

    def _show(self) -> None:
        entry = self._entry
        if entry is None:
            return
        self._title.set_full_text(short_name(entry))
        self._problem.setText(entry.problem)
        self._problem.setVisible(bool(entry.problem))
        values = {"kind": family_text(entry) or "–", "origin": _origin_text(entry),
                  "size": size_text(entry.size_bytes), "precision": entry.precision or "–",
                  "licence": entry.licence or _("not said"), "place": str(entry.path)}  # fmt: skip
        for name, text in values.items():
            self._facts[name][1].set_full_text(text)
        self._buttons["use"].setEnabled(self.can("use"))
        self._buttons["remove"].setVisible(self.can("remove"))
        self._buttons["convert"].setVisible(self.can("convert"))
        self._buttons["use"].setVisible(not self.can("convert"))
        self._buttons["few_step"].setVisible(self.can("few_step"))
        self._predicts.show_model(entry)
        runs = uses_of(entry, self._uses)
        lines = [job_text(run.job, run.title) for run in runs[:RUNS_SHOWN]]
        if len(runs) > RUNS_SHOWN:
            lines.append("…")
        self._runs.setText("\n".join(lines) or _("No run has used it yet."))

    def _build_layout(self) -> None:
        facts = QGridLayout()
        facts.setHorizontalSpacing(12)
        facts.setVerticalSpacing(6)
        facts.setColumnStretch(1, 1)
        for row, (label, value) in enumerate(self._facts.values()):
            set_role(label, "muted")
            facts.addWidget(label, row, 0)
            facts.addWidget(value, row, 1)
        buttons = QGridLayout()
        buttons.setSpacing(8)
        for name, button in self._buttons.items():
            first = name in ("use", "convert")  # in one place: what can be converted cannot be used
            set_icon(button, _BUTTONS[name], "on_accent" if first else "muted")
            button.clicked.connect(partial(self._on_clicked, name))
            place = 0 if first else ("verify", "few_step", "open", "remove").index(name) + 1
            buttons.addWidget(button, place // 2, place % 2)
            if first:
                set_role(button, "primary")
        inner = QWidget()
        set_role(inner, "panel")
        layout = QVBoxLayout(inner)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self._problem)
        layout.addLayout(facts)
        layout.addWidget(self._predicts)
        layout.addLayout(buttons)
        layout.addWidget(self._runs)
        layout.addWidget(self._card, 1)
        self._card.setMinimumHeight(160)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(ColumnScroll("model_details_scroll", inner))

    def _on_clicked(self, name: str, _checked: bool = False) -> None:
        self.wished.emit(name)

    def _on_prediction(self, predicts: str) -> None:
        if self._entry is not None:
            self.prediction_chosen.emit(self._entry, predicts)

    def _on_card(self, name: str, text: str) -> None:
        if self._entry and self._entry.name == name:
            card = _HEADING.sub("#### ", _FRONT_MATTER.sub("", text))  # headings that fit into a narrow panel
            self._card.setMarkdown(card or _("This model has no card."))


def _origin_text(entry: ModelEntry) -> str:
    """Return where a model came from, and what it was made few-step from where it was."""
    if not entry.teacher:
        return _(ORIGINS[entry.origin])
    made = _("made few-step from {teacher}").format(teacher=entry.teacher)
    return f"{_(ORIGINS[entry.origin])} · {made}"
