"""The page of a study that is not finished: how far each part is, what was drawn last, stop and go on."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _, pgettext
from sketchdesk.library.evaluation.studies import StudyEntry, image_count
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.ui.evaluation.studies.pictures import Pictures, paint_picture
from sketchdesk.ui.evaluation.studies.progress import SHOWN, Progress
from sketchdesk.ui.evaluation.studies.study_list import title_of
from sketchdesk.ui.evaluation.words import size_sentence
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import number_text
from sketchdesk.ui.sentences import state_text, time_left_text
from sketchdesk.ui.theme import fonts
from sketchdesk.ui.theme.icons import set_icon
from sketchdesk.ui.theme.manager import set_role, theme
from sketchdesk.ui.widgets.card import Card
from sketchdesk.ui.widgets.elided import ElidedLabel

PICTURE_PX, GAP_PX = 88, 8
BAR_STEPS = 1000
RESUMABLE = frozenset({RunState.CANCELED, RunState.FAILED, RunState.INTERRUPTED, RunState.PAUSED})


class StageRow(QWidget):
    """A part of the work: its name, a bar, and how far it is."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = named(QLabel(), f"{name}_title")
        self._title.setMinimumWidth(110)
        self._bar = named(QProgressBar(), f"{name}_bar")
        self._bar.setRange(0, BAR_STEPS)
        self._bar.setTextVisible(False)
        self._text = named(QLabel(), f"{name}_text")
        self._text.setFont(fonts.tabular(self._text.font()))
        self._text.setMinimumWidth(220)
        set_role(self._text, "muted")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(12)
        layout.addWidget(self._title)
        layout.addWidget(self._bar, 1, Qt.AlignmentFlag.AlignVCenter)
        layout.addWidget(self._text)

    def show_state(self, title: str, fraction: float, text: str) -> None:
        """Show how far the part is."""
        self._title.setText(title)
        self._bar.setValue(round(fraction * BAR_STEPS))
        self._bar.setAccessibleName(title)
        self._text.setText(text)


class NewestPictures(QWidget):
    """A row of the pictures that came last, the newest first; as many as fit."""

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_newest")
        self._pictures = pictures
        self._progress: Progress | None = None
        pictures.arrived.connect(self.update)
        theme().changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """One row."""
        return QSize(SHOWN * (PICTURE_PX + GAP_PX), PICTURE_PX + 2)

    def minimumSizeHint(self) -> QSize:
        """A few pictures."""
        return QSize(2 * (PICTURE_PX + GAP_PX), PICTURE_PX + 2)

    def show_progress(self, progress: Progress | None) -> None:
        """Show the pictures of this work."""
        self._progress = progress
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint what fits."""
        painter = QPainter(self)
        fits = max(1, (self.width() + GAP_PX) // (PICTURE_PX + GAP_PX))
        paths = list(self._progress.pictures)[:fits] if self._progress else []
        for number, path in enumerate(paths):
            cell = QRectF(number * (PICTURE_PX + GAP_PX) + 0.5, 0.5, PICTURE_PX, PICTURE_PX)
            paint_picture(painter, cell, self._pictures.get(path), 6)
        painter.end()


class ProgressPage(QWidget):
    """Shows one study that waits, works, or was stopped.

    Signals:
        stop_wanted(str): The job is to stop; what is drawn is kept.
        resume_wanted(str): The run is to go on with what is missing.
        repeat_wanted(object): The job, to be changed and done again.
    """

    stop_wanted = Signal(str)
    resume_wanted = Signal(str)
    repeat_wanted = Signal(object)

    def __init__(self, pictures: Pictures, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("evaluation_progress")
        self._entry: StudyEntry | None = None
        self._progress: Progress | None = None
        self._said = ""
        self._drawn: int | None = None
        self._title = named(ElidedLabel(minimum_px=120), "evaluation_progress_title")
        set_role(self._title, "title")
        self._state = named(QLabel(), "evaluation_progress_state")
        set_role(self._state, "badge")
        self._repeat = named(QPushButton(), "evaluation_progress_repeat")
        set_icon(self._repeat, "rotate-ccw", "text")
        self._stop = named(QPushButton(), "evaluation_stop_button")
        set_icon(self._stop, "circle-stop", "text")
        self._resume = named(QPushButton(), "evaluation_resume_button")
        set_role(self._resume, "primary")
        set_icon(self._resume, "play", "on_accent")
        self._size = _note("evaluation_progress_size")
        self._sentence = _note("evaluation_progress_sentence")
        self._card = Card("evaluation_progress_card")
        self._stages = tuple(StageRow(f"evaluation_stage_{name}") for name in ("draw", "time", "score", "report"))
        for stage in self._stages:
            self._card.body.addWidget(stage)
        self._newest_card = Card("evaluation_newest_card")
        self._newest = NewestPictures(pictures)
        self._newest_card.body.addWidget(self._newest)
        self._arrange()
        self._stop.clicked.connect(self._on_stop)
        self._resume.clicked.connect(self._on_resume)
        self._repeat.clicked.connect(self._on_repeat)
        self.retranslate()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._state, 0, Qt.AlignmentFlag.AlignVCenter)
        head.addStretch(1)
        for button in (self._repeat, self._stop, self._resume):
            head.addWidget(button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 16)
        outer.setSpacing(12)
        outer.addLayout(head)
        for widget in (self._size, self._sentence, self._card, self._newest_card):
            outer.addWidget(widget)
        outer.addStretch(1)

    def show_entry(self, entry: StudyEntry, progress: Progress | None, said: str = "") -> None:
        """Show a study; `said` is how its last start ended, in words."""
        if self._entry is None or self._entry.run.id != entry.run.id or entry.state in ACTIVE:
            self._drawn = None
        self._entry, self._progress, self._said = entry, progress, said
        self._refresh()

    def show_drawn(self, run_id: str, count: int) -> None:
        """Tell how many pictures a stopped study has drawn."""
        if run_id == self.run_id:
            self._drawn = count
            self._refresh()

    @property
    def run_id(self) -> str:
        """The run on show, "" for none."""
        return self._entry.run.id if self._entry else ""

    def retranslate(self) -> None:
        """Take the language in use."""
        self._stop.setText(_("Stop"))
        describe(self._stop, _("Stop the study; what is drawn is kept"))
        self._resume.setText(_("Go on"))
        describe(self._resume, _("Go on with what is missing"))
        self._repeat.setText(_("Repeat…"))
        describe(self._repeat, _("Change something and do the study again, in a new folder"))
        self._card.set_text(_("Progress"))
        self._newest_card.set_text(_("Newest pictures"))
        self._refresh()

    def _refresh(self) -> None:
        entry = self._entry
        if entry is None:
            return
        self._title.set_full_text(title_of(entry))
        self._state.setText(state_text(entry.state))
        job = entry.run.job
        self._size.setText(size_sentence(job) if isinstance(job, StudyJob) else _folder_of(job))
        self._sentence.setText(_explained(entry.state, self._said, is_study=isinstance(job, StudyJob)))
        self._sentence.setVisible(bool(self._sentence.text()))
        works = entry.state in ACTIVE
        self._stop.setVisible(works or entry.state is RunState.QUEUED)
        self._stop.setEnabled(entry.state is not RunState.CANCELLING)
        self._resume.setVisible(entry.state in RESUMABLE)
        progress = self._progress or self._left_of(job)
        self._card.setVisible(progress is not None)
        self._newest_card.setVisible(bool(works and progress and progress.pictures))
        self._newest.show_progress(progress)
        if progress:
            self._show_stages(progress)

    def _left_of(self, job: object) -> Progress | None:
        """Return from where a stopped study goes on; None where that is not known."""
        if self._drawn is None or not isinstance(job, StudyJob):
            return None
        return Progress(job, ready=self._drawn, to_score=image_count(job))

    def _show_stages(self, progress: Progress) -> None:
        draw, timing, score, report = self._stages
        draw.setVisible(progress.to_draw > 0)
        count = _("{done} of {total} pictures")
        drawn = count.format(done=number_text(int(progress.drawn_in_all)), total=number_text(progress.to_draw))
        if progress.stage in ("timing", "scoring", "measuring", "writing"):
            drawn = count.format(done=number_text(progress.to_draw), total=number_text(progress.to_draw))
        draw.show_state(pgettext("stage", "Draw"), progress.draw_fraction, _with_time(drawn, progress, "drawing"))
        timing.setVisible(progress.is_timed)
        timing.show_state(pgettext("stage", "Time"), progress.time_fraction, "")
        scored = count.format(done=number_text(progress.scored), total=number_text(progress.to_score))
        score.show_state(pgettext("stage", "Score"), progress.score_fraction, _with_time(scored, progress, "scoring"))
        report.show_state(pgettext("stage", "Report"), 0.5 if progress.stage == "writing" else 0.0, "")

    @Slot()
    def _on_stop(self) -> None:
        self.stop_wanted.emit(self.run_id)

    @Slot()
    def _on_resume(self) -> None:
        self.resume_wanted.emit(self.run_id)

    @Slot()
    def _on_repeat(self) -> None:
        if self._entry:
            self.repeat_wanted.emit(self._entry.run.job)


def _note(name: str) -> QLabel:
    label = named(QLabel(), name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    set_role(label, "muted")
    return label


def _with_time(text: str, progress: Progress, stage: str) -> str:
    eta_s = progress.eta_s if progress.stage == stage else None
    return text if eta_s is None else f"{text} · {time_left_text(eta_s)}"


def _folder_of(job: object) -> str:
    return job.images_dir if isinstance(job, EvaluateJob) else ""


def _explained(state: RunState, said: str, *, is_study: bool) -> str:
    """Say where the study stands and what can be done."""
    match state:
        case RunState.QUEUED:
            return _("It waits for its turn in the queue.")
        case RunState.CANCELED | RunState.INTERRUPTED if is_study:
            return _("It was stopped. What is drawn is kept; “Go on” draws what is missing and scores everything.")
        case RunState.CANCELED | RunState.INTERRUPTED:
            return _("It was stopped. “Go on” scores the pictures again.")
        case RunState.FAILED:
            return said or _("It failed. “Go on” tries again with what is missing.")
        case RunState.DONE:
            return said or _("It is done, but its results are not where they were.")
        case _:
            return ""
