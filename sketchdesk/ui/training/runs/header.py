"""What is on show: the run's name and state, how far it is, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.runs.state import TRANSITIONS, RunState
from sketchdesk.library.training.averaging import ema_decay_at
from sketchdesk.library.training.train_runs import Training
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.sentences import stage_text, state_text, step_text
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme
from sketchdesk.ui.training.charts.phase_line import PhaseLine
from sketchdesk.ui.training.runs.history import History
from sketchdesk.ui.training.runs.list_view import state_colour
from sketchdesk.ui.widgets.elided import ElidedLabel

BAR_STEPS = 1000
GAIN = "gain"
BUTTONS = ("pause", "stop", "resume", "fork", "few_step", "compare", "use")


class RunHeader(QWidget):
    """Shows one training; its buttons are there when they can do something.

    Signals:
        pause_pressed(), stop_pressed(), resume_pressed(), use_pressed(), few_step_pressed(), compare_pressed(): The
            buttons were.
        fork_pressed(str): A fork is wanted: from this checkpoint's folder, or "" of the settings alone.
    """

    few_step_pressed = Signal()
    compare_pressed = Signal()
    pause_pressed = Signal()
    stop_pressed = Signal()
    resume_pressed = Signal()
    fork_pressed = Signal(str)
    use_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_header")
        self._training: Training | None = None
        self._history = History()
        self._title = named(ElidedLabel(minimum_px=80), "training_title")
        set_role(self._title, "title")
        self._state = named(QLabel(), "training_state")
        self._status = named(ElidedLabel(), "training_status")
        set_role(self._status, "muted")
        self._status.setFont(tabular(self._status.font()))
        self._bar = named(QProgressBar(), "training_progress")
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self.phases = PhaseLine()
        self.pause, self.stop, self.resume, self.fork, self.few_step, self.compare, self.use = (
            named(QPushButton(), f"training_{name}_button") for name in BUTTONS
        )
        self._build()
        theme().changed.connect(self._show)
        self.retranslate()

    def _build(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(8)
        upper.addWidget(self._title)
        upper.addWidget(self._state)
        upper.addStretch(1)
        pressed = (
            self.pause_pressed, self.stop_pressed, self.resume_pressed, self._on_fork, self.few_step_pressed,
            self.compare_pressed, self.use_pressed,
        )  # fmt: skip
        buttons = (self.pause, self.stop, self.resume, self.fork, self.few_step, self.compare, self.use)
        for button, signal in zip(buttons, pressed, strict=True):
            set_role(button, "primary" if button is self.resume else "chip")
            button.clicked.connect(signal)
            upper.addWidget(button)
        set_icon(self.stop, "circle-stop")
        set_icon(self.fork, "split")
        set_icon(self.few_step, "zap")
        set_icon(self.compare, "scale")
        set_icon(self.use, "brush")
        lower = QHBoxLayout()
        lower.setSpacing(12)
        lower.addWidget(self._bar, 0, Qt.AlignmentFlag.AlignVCenter)
        lower.addWidget(self._status, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(upper)
        layout.addLayout(lower)
        layout.addWidget(self.phases)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.stop.setText(_("Stop"))
        self.fork.setText(_("Fork"))
        self.few_step.setText(_("Make it few-step…"))
        self.compare.setText(_("Compare"))
        describe(self.pause, _("Hold the training at its next step"))
        describe(self.resume, _("Put this run into the queue again; it goes on from its last checkpoint"))
        describe(self.stop, _("Stop the training; a checkpoint is saved first, so that it can be resumed"))
        describe(self.fork, _("Start a new recipe from this run's settings, or go on from one of its checkpoints"))
        describe(self.few_step, _("Make a model that draws in one or a few steps of what this run has made"))
        describe(self.compare, _("Draw with it and with its teacher, time both, and score both, in Evaluation"))
        self._name_use(of_lora=False)
        self._bar.setAccessibleName(_("How much of the training is done"))
        self._show()

    def show_training(self, training: Training | None, history: History) -> None:
        """Show a training and how far it is."""
        self._training, self._history = training, history
        self._show()

    def _show(self) -> None:
        training = self._training
        self.setVisible(training is not None)
        if training is None:
            return
        state = training.state
        self._title.set_full_text(training.run.title)
        self._state.setText(f'<span style="color:{state_colour(state)}">●</span> {state_text(state)}')
        self._status.set_full_text(status_text(training, self._history))
        done = training.total if state is RunState.DONE else self._step()
        self._bar.setValue(round(BAR_STEPS * min(1.0, done / training.total)))
        self._bar.setVisible(isinstance(training.job, TrainJob))
        self.phases.show_training(training, self._history)
        self._show_buttons(training)

    @Slot()
    def _on_fork(self) -> None:
        """Offer the checkpoints, if there are any."""
        is_forked_in_steps = self._training is not None and isinstance(self._training.job, TrainJob)
        found = self._training.checkpoints if self._training and is_forked_in_steps else ()
        if not found:
            self.fork_pressed.emit("")
            return
        menu = QMenu(self)
        menu.setObjectName("training_fork_menu")
        menu.addAction(_("The settings alone"), partial(self.fork_pressed.emit, ""))
        menu.addSeparator()
        for step, folder in reversed(found):
            text = _("Go on from step {step}").format(step=number_text(step))
            menu.addAction(text, partial(self.fork_pressed.emit, str(folder)))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.fork.mapToGlobal(self.fork.rect().bottomLeft()))

    def _step(self) -> int:
        return max(self._history.step, self._training.step if self._training else 0)

    def _show_buttons(self, training: Training) -> None:
        state = training.state
        is_paused = state is RunState.PAUSED
        self.pause.setVisible(state in (RunState.RUNNING, RunState.PAUSED))
        self.pause.setText(_("Resume") if is_paused else _("Pause"))
        describe(self.pause, _("Go on with the training") if is_paused else _("Hold the training at its next step"))
        set_icon(self.pause, "play" if is_paused else "pause")
        self.stop.setVisible(state in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED))
        can_resume = RunState.QUEUED in TRANSITIONS[state]
        self.resume.setVisible(can_resume)
        if can_resume:
            self.resume.setText(resume_text(training))
        is_whole, distils = bool(training.model or training.lora), isinstance(training.job, DistillJob)
        self.use.setVisible(is_whole)
        self.few_step.setVisible(is_whole and not distils)
        self.compare.setVisible(bool(training.model) and distils)
        self._name_use(of_lora=training.lora is not None)

    def _name_use(self, of_lora: bool) -> None:
        self.use.setText(_("Draw with this LoRA") if of_lora else _("Use this model"))
        with_lora = _("Draw with the model that this run began with and the LoRA that it has made, at weight 1")
        describe(self.use, with_lora if of_lora else _("Draw with the model that this run has made"))


def resume_text(training: Training) -> str:
    """Return where a resume goes on, so that nobody has to guess: Resume at step 212 of 600."""
    total = number_text(training.total)
    if training.checkpoint is None:
        return _("Start again")
    return _("Resume at step {step} of {total}").format(step=number_text(training.checkpoint), total=total)


def status_text(training: Training, history: History) -> str:
    """Return how far a run is and how long it still takes, or how it ended."""
    counted = _("step {step} of {total}").format(
        step=number_text(max(history.step, training.step)), total=number_text(training.total)
    )
    match training.state:
        case RunState.RUNNING if history.progress and history.stage == "training":
            return " · ".join([step_text(history.progress), *_course(training, history)])
        case RunState.RUNNING if history.progress and isinstance(training.job, DistillJob):
            return " · ".join([stage_text(history.stage), step_text(history.progress), *_course(training, history)])
        case RunState.RUNNING | RunState.CANCELLING if history.stage:
            return f"{stage_text(history.stage)} …"
        case RunState.QUEUED:
            return _("waits for its turn")
        case RunState.FAILED if history.ended and history.ended.message:
            return f"{counted} · {history.ended.message}"
    extra = [_("loss {loss}").format(loss=number_text(training.loss, 3))] if training.loss is not None else []
    if training.val_loss is not None:
        extra.append(_("validation {loss}").format(loss=number_text(training.val_loss, 3)))
    return " · ".join([counted, *extra, *_course(training, history)])


def _course(training: Training, history: History) -> list[str]:
    """Return how far the average of the weights reaches back, how near a student is, and how many steps were skipped,
    where there are any.
    """
    found = []
    step = max(history.step, training.step)
    if isinstance(training.job, TrainJob) and training.job.use_ema and step:
        decay = ema_decay_at(step, training.job.ema_decay)
        found.append(_("EMA {decay}").format(decay=number_text(decay, 2 if decay < 0.99 else 4)))
    for name, text in ((GAIN, _("one-step gain {value}")), ("pair_psnr", _("likeness {value} dB"))):
        series = history.numbers.get(name)
        if series is not None and len(series):
            found.append(text.format(value=number_text(float(series.values[-1]), 2 if name == GAIN else 1)))
    skipped = history.numbers.get("skipped_steps")
    if skipped is not None and len(skipped):
        count = int(skipped.values[-1])
        text = ngettext("{count} step skipped", "{count} steps skipped", count)
        found.append(text.format(count=number_text(count)))
    return found
