"""The metrics beside CLIP's cosine and BLIP's captions: a list with a sentence each, and what those chosen need."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import Metric, MetricSources
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.judges import judge_problem
from sketchdesk.library.evaluation.metric_catalogue import CATALOGUE, missing, needed
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.field import Field
from sketchdesk.ui.widgets.fold import Fold

_NEEDED_BY = {
    "reference": ("reference", "pairs", "training_set"),
    "training_set": ("training_set", "style_prompt"),
    "style_prompt": ("style_prompt", "blip"),
    "inception_weights": ("inception",),
    "pickscore_model": ("pickscore_model",),
    "hps_model": ("hps_model",),
}
"""Source → the needs that show its field."""
_FILES = ("inception_weights",)
_WORDS = ("style_prompt",)
_JUDGES = ("pickscore_model", "hps_model")


class MetricFields(QWidget):
    """A folded list of metrics that can be chosen, and fields for their sources.

    Signals:
        changed(): Something else is chosen.
    """

    changed = Signal()

    def __init__(self, name: str, of_study: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of_study = of_study
        self._fold = Fold(f"{name}_metrics")
        self._boxes: dict[Metric, QCheckBox] = {}
        self._sentences: dict[Metric, QLabel] = {}
        listed = QGridLayout()
        listed.setHorizontalSpacing(16)
        listed.setVerticalSpacing(8)
        listed.setColumnStretch(1, 1)
        for info in CATALOGUE:
            if info.name in ("clip", "blip"):
                continue
            box, sentence = named(QCheckBox(), f"{name}_{info.name}_box"), QLabel()
            set_role(sentence, "small")
            sentence.setWordWrap(True)
            box.toggled.connect(self._on_changed)
            self._boxes[info.name], self._sentences[info.name] = box, sentence
            listed.addWidget(box, listed.rowCount(), 0)
            listed.addWidget(sentence, listed.rowCount() - 1, 1)
        self._insist = named(QCheckBox(), f"{name}_insist_box")
        self._insist.toggled.connect(self._on_changed)
        self._fold.body.addLayout(listed)
        self._fold.body.addWidget(self._insist)
        self._lines = {source: QLineEdit() for source in _NEEDED_BY}
        self._fields = {source: Field(f"{name}_{source}", line) for source, line in self._lines.items()}
        self._browse: dict[str, QPushButton] = {}
        for source, line in self._lines.items():
            line.textChanged.connect(self._on_changed)
            if source not in _WORDS:
                self._browse[source] = button = named(QPushButton(), f"{name}_{source}_browse")
                button.clicked.connect(partial(self._on_browse, source))
                self._fields[source].add_beside(button)
            self._fold.body.addWidget(self._fields[source])
        self._problem = named(QLabel(), f"{name}_metrics_problem")
        set_role(self._problem, "problem")
        self._problem.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._fold)
        layout.addWidget(self._problem)
        self.retranslate()

    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics that are chosen, in the list's order."""
        return tuple(name for name, box in self._boxes.items() if box.isChecked())

    def sources(self) -> MetricSources:
        """Return what is said of sources, also where no chosen metric needs it."""
        given = {source: line.text().strip() for source, line in self._lines.items()}
        return MetricSources(**given, insist=self._insist.isChecked())

    def set_value(self, metrics: tuple[Metric, ...], sources: MetricSources) -> None:
        """Show a choice; the list opens where something of it is chosen."""
        for name, box in self._boxes.items():
            box.setChecked(name in metrics)
        for source, line in self._lines.items():
            line.setText(getattr(sources, source))
        self._insist.setChecked(sources.insist)
        self._fold.set_open(bool(self.metrics()))
        self._show_state()

    def problem(self) -> str:
        """Return what a chosen metric lacks, or why it cannot be measured with what is named; "" where it can."""
        lacking = missing(self.metrics(), self.sources(), self._of_study)
        return lacking or next((field.problem for field in self._fields.values() if field.problem), "")

    def retranslate(self) -> None:
        """Take the language in use."""
        self._fold.set_text(_("More metrics"), _("Other ways to measure the pictures, one by one or as a set"))
        for info in CATALOGUE:
            if info.name in self._boxes:
                self._boxes[info.name].setText(_(info.title))
                describe(self._boxes[info.name], _(info.sentence))
                self._sentences[info.name].setText(_(info.sentence))
        self._insist.setText(_("Show FID of fewer than 2,048 pictures too"))
        describe(self._insist, _("So few pictures make FID mostly measure their number"))
        for source, (label, sentence) in _texts().items():
            self._fields[source].set_text(label, sentence)
        for source, button in self._browse.items():
            button.setText(_("Choose…"))
            describe(button, _texts()[source][1])
        self._show_state()

    @Slot()
    def _on_changed(self) -> None:
        self._show_state()
        self.changed.emit()

    def _show_state(self) -> None:
        needs = needed(self.metrics())
        for source, field in self._fields.items():
            is_needed = any(need in needs for need in _NEEDED_BY[source])
            field.setVisible(is_needed)
            named_judge = self._lines[source].text().strip() if is_needed and source in _JUDGES else ""
            field.set_problem(judge_problem(named_judge) if named_judge else "")
        self._insist.setVisible(any(name.startswith("fid") and name != "fid_clip" for name in self.metrics()))
        lacking = missing(self.metrics(), self.sources(), self._of_study)  # a field says its own problem itself
        self._problem.setText(lacking)
        self._problem.setVisible(bool(lacking))

    def _on_browse(self, source: str) -> None:
        dialog = QFileDialog(self, _texts()[source][0], self._lines[source].text())
        mode = QFileDialog.FileMode.ExistingFile if source in _FILES else QFileDialog.FileMode.Directory
        dialog.setFileMode(mode)
        dialog.setObjectName("metric_browser")
        dialog.fileSelected.connect(self._lines[source].setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def _texts() -> dict[str, tuple[str, str]]:
    """Return source → its label and its sentence, in the language in use."""
    return {
        "reference": (_("Reference pictures"), _("Real pictures, held out from training; or counterparts by name")),
        "training_set": (_("Training set"), _("What the model was trained on: a folder, or a name on the hub")),
        "style_prompt": (_("The style in words"), _("For example: a black and white sketch")),
        "inception_weights": (
            _("Inception weights; empty looks among the models"),
            _("The network of 2015-12-05, as safetensors or .pth"),
        ),
        "pickscore_model": (_("PickScore model"), _("Its folder in transformers' format")),
        "hps_model": (_("HPS v2 model"), _("Its folder in transformers' format")),
    }  # fmt: skip
