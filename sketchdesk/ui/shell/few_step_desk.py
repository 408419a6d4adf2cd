"""Where any part of the window has a model made few-step: it opens the wizard, and passes on what is to be done."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import N_
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.shell.shelf import Shelf
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

DEMO_BASE = "demo-base"


class FewStepDesk(QObject):
    """Opens wizards over `window`, with the models and devices there are by then.

    Signals:
        requested(DistillJob, str): Make this, under this title.
    """

    requested = Signal(object, str)

    def __init__(self, runner: JobRunner, shelf: Shelf, window: QWidget) -> None:
        super().__init__(window)
        self._runner, self._shelf, self._window = runner, shelf, window
        self._background = Background(self)

    def action_specs(self) -> list[ActionSpec]:
        """Return the way to the wizard."""
        text = N_("Make a model few-step…")
        return [ActionSpec("few_step_new", text, "train", self.ask_newest, "Ctrl+Shift+F", icon="zap")]

    @Slot()
    def ask_newest(self) -> None:
        """Open the wizard for the model that was trained here last; without one, for the demo's base."""
        from sketchdesk.library.evaluation.studies import newest_tuned

        usable = [model for model in self._shelf.models if not model.teacher]
        entry = newest_tuned(usable) or next((model for model in usable if model.name == DEMO_BASE), None)
        if entry:
            self._ask_about(entry)
        else:
            self.ask(DistillJob(model=DEMO_BASE, out_dir=""))

    @Slot(str)
    def ask_for(self, name: str) -> None:
        """Open the wizard for a model on the list."""
        entry = next((model for model in self._shelf.models if model.name == name), None)
        if entry:
            self._ask_about(entry)

    @Slot(object)
    def ask(self, job: DistillJob) -> None:
        """Open the wizard with these settings."""
        from sketchdesk.ui.distilling.few_step_dialog import FewStepDialog

        runner = self._runner
        dialog = FewStepDialog(job, self._shelf.models, runner.devices, runner.num_threads, self._window)
        dialog.started.connect(self._start)
        dialog.open()

    def shutdown(self) -> None:
        """End the thread."""
        self._background.shutdown()

    def _ask_about(self, entry: ModelEntry) -> None:
        from sketchdesk.library.distillation.ways import begun_with_model

        self._background.do(partial(begun_with_model, entry), self.ask)

    @Slot(object, str)
    def _start(self, job: DistillJob, title: str) -> None:
        from sketchdesk.library.training.recipes import free_out_dir
        from sketchdesk.ui.training.runs.promised import promised

        out_dir = str(free_out_dir(title, promised(self._runner)))
        self.requested.emit(msgspec.structs.replace(job, out_dir=out_dir), title)
