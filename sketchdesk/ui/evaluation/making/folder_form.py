"""A folder of pictures to score, as a form over EvaluateJob. A folder and a prompt list can be dropped on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import EvaluateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.prompts.reading import LIST_SUFFIXES
from sketchdesk.ui.evaluation.making.scoring_fields import Scoring, ScoringFields
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.widgets.field import Field


class FolderForm(QWidget):
    """Which pictures, against which prompts.

    Signals:
        value_changed(): Something else is chosen.
    """

    value_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("score_form")
        self.setAcceptDrops(True)
        self._kept = EvaluateJob(images_dir="", out_dir="")
        self._folder, self._prompts, self._prefix = QLineEdit(), QLineEdit(), QLineEdit()
        for typed in (self._folder, self._prompts, self._prefix):
            typed.setAcceptDrops(False)
        self._browse = named(QPushButton(), "score_folder_browse")
        self._browse_prompts = named(QPushButton(), "score_prompts_browse")
        self._scoring = ScoringFields("score", of_study=False)
        self._fields = {
            "folder": Field("score_folder", self._folder),
            "prompts": Field("score_prompts", self._prompts),
            "prefix": Field("score_prefix", self._prefix),
        }
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(14)
        for name, button in (("folder", self._browse), ("prompts", self._browse_prompts)):
            self._fields[name].add_beside(button)
            layout.addWidget(self._fields[name])
        layout.addWidget(self._fields["prefix"])
        layout.addWidget(self._scoring)
        layout.addStretch(1)
        self._browse.clicked.connect(self._on_browse)
        self._browse_prompts.clicked.connect(self._on_browse_prompts)
        for typed in (self._folder, self._prompts, self._prefix):
            typed.textChanged.connect(self._on_changed)
        self._scoring.changed.connect(self._on_changed)
        self.retranslate()

    def value(self) -> EvaluateJob:
        """Return the job as far as it is filled in; see problems() for whether it can be done."""
        scoring = self._scoring.value()
        return msgspec.structs.replace(
            self._kept,
            images_dir=_path(self._folder),
            prompts_file=_path(self._prompts) or None,
            scorer_prefix=" ".join(self._prefix.text().split()),
            metrics=scoring.metrics,
            clip_model=scoring.clip_model,
            blip_model=scoring.blip_model,
            device=scoring.device,
            sources=scoring.sources,
        )

    def set_value(self, job: EvaluateJob) -> None:
        """Show a job; where its files were does not count."""
        self._kept = msgspec.structs.replace(job, out_dir="")
        self._folder.setText(job.images_dir)
        self._prompts.setText(job.prompts_file or "")
        self._prefix.setText(job.scorer_prefix)
        self._scoring.set_value(Scoring(job.metrics, job.clip_model, job.blip_model, job.device, job.sources))

    def problems(self) -> dict[str, str]:
        """Return field → why it cannot be done so; nothing where it can."""
        job = self.value()
        found = {"scoring": self._scoring.problem()}
        if not job.images_dir:
            found["folder"] = _("Choose a folder of pictures.")
        elif not _is(Path.is_dir, job.images_dir):
            found["folder"] = _("There is no such folder.")
        if job.prompts_file and not _is(Path.is_file, job.prompts_file):
            found["prompts"] = _("There is no such file.")
        return {name: problem for name, problem in found.items() if problem}

    def summary(self) -> str:
        """Return nothing: how many pictures there are is seen when they are scored."""
        return ""

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these models."""
        self._scoring.set_models(models)

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        self._scoring.set_devices(devices)

    def retranslate(self) -> None:
        """Take the language in use."""
        fields = self._fields
        fields["folder"].set_text(_("Folder of pictures; it can be dropped here"), _("The pictures to be scored"))
        fields["prompts"].set_text(
            _("Prompt list, where the pictures do not say their prompts"),
            _("A .txt, .csv, .json or .jsonl list: each picture's prompt, in the order of the file names"),
        )
        fields["prefix"].set_text(_("Words before every prompt, for the scorer"), _("For example style words"))
        for button, sentence in (
            (self._browse, _("Choose the folder of pictures")),
            (self._browse_prompts, _("Choose the prompt list")),
        ):
            button.setText(_("Choose…"))
            describe(button, sentence)
        self._prompts.setPlaceholderText(_("none: every picture says its own"))
        self._prefix.setPlaceholderText(_("nothing: the bare prompt"))
        self._scoring.retranslate()
        self._show_problems()

    def take(self, paths: Sequence[Path]) -> None:
        """Take what was dropped: a folder of pictures, a prompt list, or both."""
        for path in paths:
            if path.is_dir():
                self._folder.setText(str(path))
            elif path.suffix.lower() in LIST_SUFFIXES:
                self._prompts.setText(str(path))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take a folder or a prompt list."""
        self.take([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    @Slot()
    def _on_browse(self) -> None:
        dialog = QFileDialog(self, _("Choose the folder of pictures"), self._folder.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._ask(dialog, self._folder)

    @Slot()
    def _on_browse_prompts(self) -> None:
        dialog = QFileDialog(self, _("Choose the prompt list"), self._prompts.text())
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        suffixes = " ".join(f"*{suffix}" for suffix in LIST_SUFFIXES)
        dialog.setNameFilter(_("Prompt lists ({suffixes})").format(suffixes=suffixes))
        self._ask(dialog, self._prompts)

    def _ask(self, dialog: QFileDialog, line: QLineEdit) -> None:
        dialog.setObjectName("score_form_browser")
        dialog.fileSelected.connect(line.setText)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot()
    def _on_changed(self) -> None:
        self._show_problems()
        self.value_changed.emit()

    def _show_problems(self) -> None:
        problems = self.problems()
        for name, field in self._fields.items():
            # An empty form is no mistake yet.
            typed = name != "folder" or bool(self._folder.text())
            field.set_problem(problems.get(name, "") if typed else "")
        self._scoring.show_problem()


def _is(kind: Callable[[Path], bool], path: str) -> bool:
    """Ask what a path is; one that cannot be is nothing."""
    try:
        return kind(Path(path))
    except (OSError, ValueError):  # too long, not allowed, a NUL in it
        return False


def _path(line: QLineEdit) -> str:
    text = line.text().strip()
    if not text:
        return ""
    try:
        return str(Path(text).expanduser())
    except RuntimeError:  # a home that is none
        return text
