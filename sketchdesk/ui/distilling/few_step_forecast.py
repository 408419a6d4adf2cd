"""What making a model few-step will need: pairs, time, disk and memory, read anew while the form is edited."""

from __future__ import annotations

from functools import partial

import msgspec
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.distillation.forecast import DistillForecast, forecast_here
from sketchdesk.library.distillation.told import Told, told_of
from sketchdesk.library.training.forecast import GIB
from sketchdesk.library.training.recipes import free_out_dir
from sketchdesk.library.wording.time_words import time_range_text
from sketchdesk.ui.naming import named
from sketchdesk.ui.numbers import gib_text, number_text, size_text
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.card import Card
from sketchdesk.workers.background import Background

AFTER_MS = 250
LINES = ("pairs", "drawing", "training", "disk", "memory")


class FewStepForecast(Card):
    """Five lines of figures, and a sentence on how sure they are. Asked again soon after every `set_job`.

    Signals:
        told(DistillJob, Told): What the files of this job's models tell.
    """

    told = Signal(object, object)

    def __init__(
        self, background: Background, num_threads: int | None = None, parent: QWidget | None = None
    ) -> None:
        """A job that leaves its threads open works with `num_threads`; None: the engine's own choice."""
        super().__init__("few_step_forecast", parent)
        set_role(self, "inset")
        self._background, self._threads = background, num_threads
        self._job: DistillJob | None = None
        self._found: DistillForecast | None = None
        self._why = ""
        self._labels = [QLabel() for _line in LINES]
        self._values = {name: named(QLabel(), f"few_step_forecast_{name}") for name in LINES}
        self._note = named(QLabel(), "few_step_forecast_basis")
        self._note.setWordWrap(True)
        set_role(self._note, "small")
        grid = QGridLayout()
        grid.setVerticalSpacing(6)
        grid.setHorizontalSpacing(12)
        grid.setColumnStretch(1, 1)
        for row, (label, value) in enumerate(zip(self._labels, self._values.values(), strict=True)):
            set_role(label, "muted")
            value.setFont(tabular(value.font()))
            value.setWordWrap(True)
            grid.addWidget(label, row, 0)
            grid.addWidget(value, row, 1)
        self.body.addLayout(grid)
        self.body.addWidget(self._note)
        self._wait = QTimer(self, interval=AFTER_MS, singleShot=True)
        self._wait.timeout.connect(self._ask)
        self.retranslate()

    def set_job(self, job: DistillJob) -> None:
        """Forecast this job, in a moment and in a thread."""
        self._job = job
        self._wait.start()

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("Forecast"))
        texts = (_("Pairs"), _("Drawing them"), _("Training"), _("Disk"), _("Memory"))
        for label, text in zip(self._labels, texts, strict=True):
            label.setText(text)
        self._show()

    @Slot()
    def _ask(self) -> None:
        job = self._job
        if job is not None:
            timed = msgspec.structs.replace(job, num_threads=job.num_threads or self._threads)
            self._background.do(partial(_forecast, timed), partial(self._take, job), partial(self._fail, job))

    def _take(self, job: DistillJob, found: tuple[Told, DistillForecast | SketchDeskError]) -> None:
        if job == self._job:  # else another answer is on its way
            self.told.emit(job, found[0])
            if isinstance(found[1], SketchDeskError):
                self._fail(job, found[1])
            else:
                self._found, self._why = found[1], ""
                self._show()

    def _fail(self, job: DistillJob, error: Exception) -> None:
        if not isinstance(error, SketchDeskError | OSError):
            raise error
        if job == self._job:
            self._found, self._why = None, error.message if isinstance(error, SketchDeskError) else str(error)
            self._show()

    def _show(self) -> None:
        found = self._found
        texts = dict.fromkeys(LINES, _("not known yet")) if found is None else _texts(found)
        for name, text in texts.items():
            self._values[name].setText(text)
        note = self._why if found is None else _note(found)
        self._note.setText(note)
        self._note.setVisible(bool(note))


def _forecast(job: DistillJob) -> tuple[Told, DistillForecast | SketchDeskError]:
    """Return what a job's models tell, and the forecast of it in a folder of its own, or why there is none."""
    told, placed = told_of(job), msgspec.structs.replace(job, out_dir=str(free_out_dir("few-step")))
    try:
        return told, forecast_here(placed)
    except SketchDeskError as error:
        return told, error


def _texts(found: DistillForecast) -> dict[str, str]:
    unknown = _("not known yet")
    count = ngettext("{count} pair", "{count} pairs", found.pairs).format(count=number_text(found.pairs))
    if found.pairs_missing < found.pairs:
        missing = _("{missing} to be drawn").format(missing=number_text(found.pairs_missing))
        count = f"{count}, {missing}"
    low, likely, high = (gib_text(gib) for gib in (found.memory_gib[0], found.memory_likely_gib, found.memory_gib[1]))
    text = _("{low}–{high} GiB, likely {likely} GiB")
    memory = text.format(low=low, high=high, likely=likely) if low != high else _("{size} GiB").format(size=low)
    return {
        "pairs": count,
        "drawing": time_range_text(*found.pairs_s) if found.pairs_s else unknown,
        "training": time_range_text(*found.training_s) if found.training_s else unknown,
        "disk": size_text(round(found.disk_gib * GIB)),
        "memory": memory,
    }


def _note(found: DistillForecast) -> str:
    if {found.pairs_basis, found.training_basis} & {"drawing", "training"}:
        return _("The times are reckoned from other work of this model here; a first run tells them better.")
    if found.pairs_s is None or found.training_s is None:
        return _("The times are known once this model has drawn or trained here.")
    return ""
