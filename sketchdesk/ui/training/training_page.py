"""The training tab's inside: list of runs, dashboard and recipe, connected to each other and to the runner."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QWidget

from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.distillation.ways import begun_with, drawing_of, study_of
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.library.training.recipes import DEMO_SKETCH, fork_of, free_out_dir
from sketchdesk.library.training.train_runs import Training
from sketchdesk.library.training.trials import Trial
from sketchdesk.ui.message import Message
from sketchdesk.ui.naming import named
from sketchdesk.ui.theme.manager import dressing
from sketchdesk.ui.training.dashboard import Dashboard
from sketchdesk.ui.training.page_memory import PageState, restore, state_of
from sketchdesk.ui.training.recipe.panel import WIDTH_PX, RecipePanel
from sketchdesk.ui.training.runs.follower import RunFollower
from sketchdesk.ui.training.runs.list_model import RunListModel
from sketchdesk.ui.training.runs.list_view import RunList
from sketchdesk.ui.training.runs.promised import promised
from sketchdesk.ui.training.runs.watch import RunWatch
from sketchdesk.ui.widgets.empty import EmptyState
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

LIST_PX = 232
MOST_SHOWN = 6


class TrainingPage(QWidget):
    """Everything the tab shows. Built when the tab is first shown, since the charts take a moment to load.

    Signals:
        train_requested(TrainJob, str): Start this, under this title.
        resume_requested(Run): Go on with this run.
        model_chosen(str): Draw with this model.
        lora_chosen(str, str): Draw with this model and this LoRA's file.
        student_chosen(StudentDrawing): Draw with this few-step model or LoRA, as it wants to be drawn with.
        few_step_wanted(DistillJob): Make a few-step model; this is what to begin with.
        study_wanted(StudyJob): Make this study.
        message(Message): To be shown.
    """

    student_chosen = Signal(object)
    few_step_wanted = Signal(object)
    study_wanted = Signal(object)
    train_requested = Signal(object, str)
    resume_requested = Signal(object)
    model_chosen = Signal(str)
    lora_chosen = Signal(str, str)
    message = Signal(Message)

    def __init__(
        self, runner: JobRunner, background: Background, follower: RunFollower, dashboard: Dashboard,
        recipe: RecipePanel, parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setObjectName("training_page")
        self._runner = runner
        self._trials: list[Trial] = []
        self._wanted = ""
        """The run to select as soon as it is in the list."""
        self.model = RunListModel(self)
        self.follower = follower
        follower.setParent(self)
        self.watch = RunWatch(runner, background, self)
        self.runs = RunList(self.model)
        self.dashboard, self.recipe = dashboard, recipe
        self.empty = EmptyState("training_empty", "graduation-cap")
        self._middle = named(QStackedWidget(), "training_middle")
        self.splitter = named(QSplitter(Qt.Orientation.Horizontal), "training_splitter")
        self._build()
        self._connect()
        self._show_words()

    def _build(self) -> None:
        self._middle.addWidget(self.empty)
        self.splitter.setHandleWidth(1)
        self.runs.setMinimumWidth(150)
        self.runs.hide()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)

    def put_together(self) -> Iterator[None]:
        """Put the parts in place, one by one: style and layout of each take their time."""
        for widget in (self.runs, self._middle):
            self.splitter.addWidget(widget)
            yield
        self._middle.addWidget(self.dashboard)
        yield
        self.dashboard.retranslate()
        yield
        yield from dressing(self.dashboard)
        self.splitter.addWidget(self.recipe)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([LIST_PX, 760, WIDTH_PX])
        yield from self.recipe.put_together()

    def _connect(self) -> None:
        self.watch.tried.connect(self._on_tried)
        self.watch.listed.connect(self._on_listed)
        self.watch.updated.connect(self._on_updated)
        self.runs.selected.connect(self._on_selection)
        self.model.ticked.connect(self._on_selection)
        self.recipe.start_requested.connect(self.start)
        self.recipe.forecast.facts_known.connect(self._show_forecast)
        self.recipe.message.connect(self.message)
        self.dashboard.message.connect(self.message)
        self.empty.pressed.connect(self.start_demo)
        header = self.dashboard.header
        header.pause_pressed.connect(self.hold)
        header.stop_pressed.connect(self.stop)
        header.resume_pressed.connect(self.resume)
        header.fork_pressed.connect(self.fork)
        header.use_pressed.connect(self.use_model)
        header.few_step_pressed.connect(self.make_few_step)
        header.compare_pressed.connect(self.compare)
        self._runner.job_added.connect(self._on_job_added)

    def retranslate(self) -> None:
        """Take the language in use."""
        self._show_words()
        for part in (self.runs, self.dashboard, self.recipe):
            part.retranslate()

    def _show_words(self) -> None:
        """Show what the page says itself."""
        self.empty.set_text(
            _("Teach a model a style"),
            _(
                "A training shows a model pictures with captions until it draws like them. Choose a data set and a "
                "recipe at the right, or begin with the demo: it teaches the demo model to draw in black and white, "
                "and you watch it learn."
            ),
            _("Train the demo's sketch style"),
            _("Fill in the demo's recipe and start it"),
        )

    def set_awake(self, is_awake: bool) -> None:
        """Follow the runs while somebody looks."""
        self.watch.set_awake(is_awake)
        self.follower.set_awake(is_awake)

    @property
    def selected(self) -> Training | None:
        """The training in the foreground."""
        return self.model.training(self.runs.selected_id)

    # --- what the person wishes ----------------------------------------------------------------------------------

    @Slot()
    def start(self) -> None:
        """Ask for the recipe to be trained, in a folder of its own."""
        job, title = self.recipe.form.value(), self.recipe.form.title
        out_dir = str(free_out_dir(title, promised(self._runner, self.model.trainings)))
        self.train_requested.emit(msgspec.structs.replace(job, out_dir=out_dir), title)

    @Slot()
    def start_demo(self) -> None:
        """Fill in the demo's recipe and start it."""
        self.recipe.fill(DEMO_SKETCH, _("Demo sketch"))
        self.recipe.start()

    @Slot()
    def hold(self) -> None:
        """Pause the training in the foreground, or let it go on."""
        training = self.selected
        if training and not (self._runner.pause(training.run.id) or self._runner.resume(training.run.id)):
            self._tell_elsewhere()

    @Slot()
    def stop(self) -> None:
        """Stop the training in the foreground; it keeps a checkpoint."""
        if training := self.selected:
            stops, text = self._runner.cancel(training.run.id), _("The training stops once its checkpoint is saved.")
            self.message.emit(Message(text)) if stops else self._tell_elsewhere()

    @Slot()
    def resume(self) -> None:
        """Ask for the run in the foreground to go on."""
        if self.selected:
            self._wanted = self.selected.run.id
            self.resume_requested.emit(self.selected.run)

    @Slot()
    @Slot(str)
    def fork(self, checkpoint: str = "") -> None:
        """Fill in the recipe of the run in the foreground, to begin anew or to go on from one of its checkpoints."""
        job = self.selected.job if self.selected else None
        if isinstance(job, DistillJob):
            self.make_few_step()
        elif self.selected and job:
            title = self.selected.run.title
            self.recipe.form.set_value(fork_of(job, checkpoint))
            self.recipe.form.set_name(_("{name}, changed").format(name=title))
            self.message.emit(Message(_("The recipe of “{name}” is at the right.").format(name=title)))

    @Slot()
    def use_model(self) -> None:
        """Ask for drawing with what the run in the foreground has made."""
        if self.selected and (drawing := drawing_of(self.selected)):
            self.student_chosen.emit(drawing)
        elif self.selected and self.selected.lora:
            self.lora_chosen.emit(self.selected.job.model, str(self.selected.lora))
        elif self.selected and self.selected.model:
            self.model_chosen.emit(str(self.selected.model))

    @Slot()
    def make_few_step(self) -> None:
        """Ask for a few-step model of what the run in the foreground has made, or for another like its own."""
        if self.selected:
            self.few_step_wanted.emit(begun_with(self.selected))

    @Slot()
    def compare(self) -> None:
        """Ask for the study of the student in the foreground against its teacher."""
        if self.selected and (study := study_of(self.selected)):
            self.study_wanted.emit(study)

    def _tell_elsewhere(self) -> None:
        self.message.emit(Message(
            _("This training does not belong to this window."),
            _("Stop it where it was started: on the command line or in the other window."), level="warning",
        ))  # fmt: skip

    # --- what is known -------------------------------------------------------------------------------------------

    @Slot(str)
    def _on_job_added(self, job_id: str) -> None:
        if isinstance(self._runner.run(job_id).job, TrainJob | DistillJob):
            self._wanted = job_id

    @Slot(object)
    def _on_tried(self, trials: list[Trial]) -> None:
        self._trials = trials

    @Slot(object)
    def _on_listed(self, trainings: list[Training]) -> None:
        self.model.set_trainings(trainings)
        self.runs.setVisible(bool(trainings))
        self._middle.setCurrentWidget(self.dashboard if trainings else self.empty)
        self.recipe.set_known(
            [*(each.speed for each in trainings if each.speed), *(each.speed for each in self._trials)],
            [*(each.peak for each in trainings if each.peak), *(each.peak for each in self._trials)],
        )
        if self._wanted and self.runs.select(self._wanted):
            self._wanted = ""
        elif trainings and not self.runs.selected_id:
            self.runs.select(trainings[0].run.id)
        self._on_selection()

    @Slot(object)
    def _on_updated(self, training: Training) -> None:
        self.model.update(training)
        self.dashboard.update_training(training)

    @Slot()
    @Slot(str)
    def _on_selection(self, _run_id: str = "") -> None:
        """Show the selected run and those that are ticked."""
        chosen = [self.runs.selected_id, *(each for each in self.model.ticked_ids if each != self.runs.selected_id)]
        shown = [training for each in chosen[:MOST_SHOWN] if (training := self.model.training(each))]
        runs: list[Run] = [training.run for training in shown]
        self.follower.follow(runs)
        for training in shown:
            self.follower.set_live(training.run.id, training.state in ACTIVE | {RunState.QUEUED})
        self.model.set_colours([run.id for run in runs])
        self.dashboard.show_trainings(shown)
        self._show_forecast()

    @Slot()
    def _show_forecast(self) -> None:
        training = self.selected
        if training:
            job, known = training.job, self.recipe.forecast
            gib = known.forecast_for(job, training.device) if isinstance(job, TrainJob) else None
            self.dashboard.charts.set_forecast(gib)

    # --- what is remembered --------------------------------------------------------------------------------------

    def select_once_known(self, run_id: str) -> None:
        """Bring a run to the foreground as soon as it is in the list; "" for none."""
        self._wanted = run_id

    def save_state(self) -> PageState:
        """Return what should be as it was next time."""
        return state_of(self)

    def restore_state(self, state: PageState) -> None:
        """Bring it back as far as it can be understood."""
        restore(self, state)
