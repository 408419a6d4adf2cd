"""The training tab, as the main window knows it. Its inside is made, bit by bit, when it is first looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from sketchdesk.contracts.events import DeviceFound, JobEnded
from sketchdesk.contracts.jobs import CaptionJob, DistillJob, TrainJob
from sketchdesk.contracts.text import N_, language
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.loading import load
from sketchdesk.ui.message import Message
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.turns import Turns
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

if TYPE_CHECKING:
    from sketchdesk.ui.training.training_page import TrainingPage

PAGE_MODULE = "sketchdesk.ui.training.page_building"
"""It loads the charts' libraries: some tenths of a second in which the window goes on."""

State = dict[str, object]


class TrainingTab(QWidget):
    """Recipes, runs and charts.

    Signals:
        train_requested(TrainJob, str): Start this training, under this title.
        resume_requested(Run): Go on with this run; the runner's take_up does it.
        models_changed(): A training has made a model.
        model_chosen(str): Draw with this model.
        lora_chosen(str, str): Draw with this model and this LoRA's file.
        student_chosen(StudentDrawing), few_step_wanted(DistillJob), study_wanted(StudyJob): As the page's.
        message(Message): To be shown.
    """

    student_chosen = Signal(object)
    few_step_wanted = Signal(object)
    study_wanted = Signal(object)
    train_requested = Signal(object, str)
    resume_requested = Signal(object)
    models_changed = Signal()
    model_chosen = Signal(str)
    lora_chosen = Signal(str, str)
    message = Signal(Message)

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_tab")
        self._runner, self._store = runner, store
        self._background = Background(self)
        self._page: TrainingPage | None = None
        self._turns: Turns | None = None
        self._models: list[ModelEntry] = []
        self._devices: tuple[DeviceFound, ...] = runner.devices
        self._state: State = {}
        self._loading: Turns | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        runner.job_ended.connect(self._on_ended)

    # --- what the main window asks -------------------------------------------------------------------------------

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these models."""
        self._models = list(models)
        if self._page:
            self._page.recipe.set_models(self._models)

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        self._devices = tuple(devices)
        if self._page:
            self._page.recipe.set_devices(self._devices)

    def retranslate(self) -> None:
        """Take the language in use."""
        if self._page:
            self._page.retranslate()

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here."""
        found = [
            ("train_start", N_("Start training"), self._start, "Ctrl+Shift+T", "play", None),
            ("train_hold", N_("Pause or resume the training"), self._hold, "Ctrl+Shift+P", "pause", self._works),
            ("train_stop", N_("Stop the training"), self._stop, "", "circle-stop", self._works),
            ("train_resume", N_("Resume the run that was stopped"), self._resume, "", "rotate-ccw", self._rests),
            ("train_fork", N_("New recipe from this run"), self._fork, "", "split", self._has_run),
            ("train_open_recipe", N_("Open a recipe…"), self._open_recipe, "", "folder-open", None),
            ("train_save_recipe", N_("Save the recipe…"), self._save_recipe, "", "save", None),
            ("train_save_charts", N_("Save the charts…"), self._export_charts, "", "image", self._has_run),
            ("train_save_numbers", N_("Save the charts' numbers…"), self._export_numbers, "", "table", self._has_run),
        ]  # fmt: skip
        return [
            ActionSpec(name=name, text=text, menu="train", run=run, shortcut=key, icon=icon, is_enabled=enabled)
            for name, text, run, key, icon, enabled in found
        ]

    def save_state(self) -> State:
        """Return what should be as it was next time."""
        return self._page.save_state() if self._page else self._state

    def restore_state(self, state: State) -> None:
        """Bring it back."""
        self._state = dict(state)
        if self._page:
            self._page.restore_state(self._state)

    def shutdown(self) -> None:
        """End the threads."""
        for turns in (self._loading, self._turns):
            if turns:
                turns.stop()
        if self._page:
            self._page.set_awake(False)
            self._page.dashboard.below.notes.keep()
        self._background.shutdown()

    @property
    def page(self) -> TrainingPage:
        """The inside; what is not built yet is built now."""
        if self._page is None:
            self._turns = self._turns or Turns(self._build(), self)
            self._turns.finish()
        assert self._page
        return self._page

    # --- showing and hiding --------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the runs while they are seen; the first time, load the inside in a thread and build it in turns."""
        super().showEvent(event)
        if self._page:
            self._page.set_awake(True)
        elif not self._loading:
            self._loading = load(PAGE_MODULE, self._background, self._on_loaded, self)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the runs be while nobody looks."""
        super().hideEvent(event)
        if self._page:
            self._page.set_awake(False)

    def _on_loaded(self, _module: object) -> None:
        self._turns = self._turns or Turns(self._build(), self)

    def _build(self) -> Iterator[object]:
        from sketchdesk.ui.training.page_building import build_page

        began_in = language()
        for page in build_page(self._runner, self._background):
            yield page
        layout = self.layout()
        assert page and layout is not None
        self._connect(page)  # before anything in it can be pressed
        layout.addWidget(page)
        yield from page.put_together()
        page.recipe.set_devices(self._devices)
        page.recipe.set_models(self._models)
        page.restore_state(self._state)
        self._page = page
        if language() != began_in:  # what was built before the change
            page.retranslate()
        page.set_awake(self.isVisible())

    def _connect(self, page: TrainingPage) -> None:
        page.train_requested.connect(self.train_requested)
        page.resume_requested.connect(self.resume_requested)
        page.model_chosen.connect(self.model_chosen)
        page.lora_chosen.connect(self.lora_chosen)
        page.student_chosen.connect(self.student_chosen)
        page.few_step_wanted.connect(self.few_step_wanted)
        page.study_wanted.connect(self.study_wanted)
        page.message.connect(self.message)

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        if event.state == "done" and isinstance(self._runner.run(event.job_id).job, TrainJob | DistillJob):
            self.models_changed.emit()
        elif self._page and isinstance(self._runner.run(event.job_id).job, CaptionJob):
            self._page.recipe.form.dataset.look_again()

    # --- actions -------------------------------------------------------------------------------------------------

    def _has_run(self) -> bool:
        return self._page is not None and self._page.selected is not None

    def _works(self) -> bool:
        selected = self._page.selected if self._page else None
        return selected is not None and selected.state in (RunState.RUNNING, RunState.PAUSED)

    def _rests(self) -> bool:
        selected = self._page.selected if self._page else None
        return selected is not None and selected.state in (RunState.INTERRUPTED, RunState.CANCELED, RunState.FAILED)

    def _start(self) -> None:
        self.page.recipe.start()

    def _hold(self) -> None:
        self._if(self._works, self.page.hold)

    def _stop(self) -> None:
        self._if(self._works, self.page.stop)

    def _resume(self) -> None:
        self._if(self._rests, self.page.resume)

    def _fork(self) -> None:
        self._if(self._has_run, self.page.fork)

    def _open_recipe(self) -> None:
        self.page.recipe.preset.open()

    def _save_recipe(self) -> None:
        self.page.recipe.preset.save()

    def _export_charts(self) -> None:
        self._if(self._has_run, self.page.dashboard.export_picture)

    def _export_numbers(self) -> None:
        self._if(self._has_run, self.page.dashboard.export_table)

    @staticmethod
    def _if(can: Callable[[], bool], do: Callable[[], None]) -> None:
        if can():
            do()
