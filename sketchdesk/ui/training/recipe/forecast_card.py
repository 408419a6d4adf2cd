"""What the recipe will need: memory, time and disk, before it is started."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import msgspec
import psutil
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import Precision, TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.library.models.facts import ModelFacts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.judge_facts import training_facts
from sketchdesk.library.training.forecast import (
    GIB,
    MEMORY_SHARE,
    MemoryForecast,
    Speed,
    forecast_disk,
    forecast_memory,
    forecast_time,
    known_step_s,
)
from sketchdesk.library.training.memory import MemoryPeak, measured_gib
from sketchdesk.library.wording.time_words import time_range_text
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.numbers import gib_text, number_text, size_text
from sketchdesk.ui.theme.fonts import tabular
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.recipe.fit_dialog import FitDialog
from sketchdesk.ui.training.recipe.numbers import memory_range
from sketchdesk.ui.widgets.card import Card
from sketchdesk.workers.background import Background

Loaded = tuple[str, str]
"""What a training loads: its model, and the CLIP of its reward or ""."""


class ForecastCard(Card):
    """Three lines of figures and a button that makes the recipe fit.

    Signals:
        fitted(TrainJob): The recipe, changed so that it fits the memory.
        facts_known(): The model's files have been read; `facts` holds what they say, or None.
    """

    fitted = Signal(object)
    facts_known = Signal()

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__("training_forecast", parent)
        set_role(self, "inset")
        self._background = background
        self._job: TrainJob | None = None
        self._examples = 0
        self._threads: int | None = None
        self._devices: tuple[DeviceFound, ...] = ()
        self._speeds: tuple[Speed, ...] = ()
        self._peaks: tuple[MemoryPeak, ...] = ()
        self._known: dict[Loaded, ModelFacts | None] = {}
        self._asked: set[Loaded] = set()
        self._labels = [QLabel() for _line in range(3)]
        self._values = [named(QLabel(), f"training_forecast_{name}") for name in ("memory", "time", "disk")]
        grid = QGridLayout()
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (label, value) in enumerate(zip(self._labels, self._values, strict=True)):
            set_role(label, "muted")
            value.setFont(tabular(value.font()))
            value.setWordWrap(True)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(value, row, 1)
        self._fit = named(QPushButton(), "training_fit_button")
        self.body.addLayout(grid)
        self.body.addWidget(self._fit)
        self._fit.clicked.connect(self._on_fit)
        self.retranslate()

    @property
    def facts(self) -> ModelFacts | None:
        """What the model's files say, None while they are not read or where they cannot be."""
        return self._known.get(_loaded(self._job)) if self._job else None

    @property
    def memory(self) -> MemoryForecast | None:
        """The forecast of the memory, None while the model is not known."""
        if self._job is None or self.facts is None:
            return None
        return forecast_memory(self._placed(self._job), self.facts, self._device, self._examples)

    def forecast_for(self, job: TrainJob, device: str) -> float | None:
        """Return the memory in GiB that was to be expected of a job, None where its model is not known here."""
        facts = self._known.get(_loaded(job))
        if facts is None:
            self._ask(job)
            return None
        return forecast_memory(self._placed(job), facts, device or self._device, self._examples).likely_gib

    def set_job(self, job: TrainJob, examples: int, num_threads: int | None = None) -> None:
        """Forecast this job on so many pictures (0: not known), with so many threads where it leaves that open."""
        self._job, self._examples, self._threads = job, examples, num_threads
        self._ask(job)
        self._show()

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Say which devices there are, the one that "auto" takes first."""
        self._devices = tuple(devices)
        self._show()

    def set_speeds(self, speeds: Sequence[Speed]) -> None:
        """Say how fast earlier runs were."""
        self._speeds = tuple(speeds)
        self._show()

    def set_peaks(self, peaks: Sequence[MemoryPeak]) -> None:
        """Say how much memory earlier runs needed."""
        self._peaks = tuple(peaks)
        self._show()

    def forget_models(self) -> None:
        """Read the models' files again: they may have changed."""
        self._known.clear()
        self._asked.clear()
        if self._job:
            self._ask(self._job)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.set_text(_("Forecast"))
        for label, text in zip(self._labels, (_("Memory"), _("Time"), _("Disk")), strict=True):
            label.setText(text)
        self._fit.setText(_("Fit to my card…"))
        describe(self._fit, _("See which settings would make the training fit a number of GiB, and take them or not"))
        self._show()

    # --- what is known -------------------------------------------------------------------------------------------

    @property
    def _device(self) -> str:
        wanted = self._job.device if self._job else "auto"
        if wanted != "auto":
            return "cuda:0" if wanted == "cuda" else wanted
        return self._devices[0].device if self._devices else "cpu"

    @property
    def _total_gib(self) -> float:
        found = next((each.memory_gib for each in self._devices if each.device == self._device), None)
        return found if found is not None else float(psutil.virtual_memory().total / GIB)

    def _placed(self, job: TrainJob) -> TrainJob:
        """Return the job in the precision that its device takes by itself, where it leaves that open."""
        preferred = next((each.preferred for each in self._devices if each.device == self._device), None)
        if job.precision != "auto" or preferred is None:
            return job
        return msgspec.structs.replace(job, precision=preferred)

    def _timed(self, job: TrainJob) -> TrainJob:
        """Return the job with the threads it will have."""
        return msgspec.structs.replace(job, num_threads=job.num_threads or self._threads)

    def _ask(self, job: TrainJob) -> None:
        loaded = _loaded(job)
        if job.model and loaded not in self._asked:
            self._asked.add(loaded)
            self._background.do(partial(_read_facts, job), partial(self._on_facts, loaded))

    def _on_facts(self, loaded: Loaded, facts: ModelFacts | None) -> None:
        self._known[loaded] = facts
        self._show()
        self.facts_known.emit()

    # --- what is shown -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        memory, facts = self.memory, self.facts
        unknown = _("not known yet")
        if memory is None or facts is None or self._job is None:
            texts, tip, fits = [unknown, unknown, unknown], "", True
        else:
            measured = measured_gib(self._job, self._device, self._peaks)
            fits = (memory.high_gib if measured is None else measured) <= self._total_gib * MEMORY_SHARE
            seconds = forecast_time(self._timed(self._job), self._device, self._speeds)
            disk = forecast_disk(self._placed(self._job), facts, self._examples)
            kept = size_text(round((disk.checkpoints_gib + disk.model_gib + disk.caches_gib) * GIB))
            texts = [
                self._memory_text(memory, measured),
                self._time_text(seconds) if seconds else unknown,
                kept,
            ]
            tip = _memory_parts(memory)
        for value, text in zip(self._values, texts, strict=True):
            value.setText(text)
        set_role(self._values[0], "" if fits else "bad")
        self._values[0].setToolTip(tip)
        self._values[1].setToolTip(
            _("By earlier runs of this model on this device; validation and saving come on top.")
        )
        self._values[2].setToolTip(_("Checkpoints, the tuned model, and what is encoded of pictures and captions"))
        self._fit.setEnabled(memory is not None)

    def _memory_text(self, memory: MemoryForecast, measured: float | None) -> str:
        total = gib_text(self._total_gib)
        text = _("{range} of {total} GiB").format(range=memory_range(memory), total=total)
        if measured is None:
            return text
        return _("{forecast}; measured {gib} GiB in an earlier run").format(forecast=text, gib=gib_text(measured))

    def _time_text(self, seconds: tuple[float, float]) -> str:
        """Return how long it will take, and what a step of this very recipe took where that is known."""
        text = time_range_text(*seconds)
        step_s = known_step_s(self._timed(self._job), self._device, self._speeds) if self._job else None
        if step_s is None:
            return text
        return _("{time}; a step took {seconds} s").format(time=text, seconds=number_text(step_s, 2))

    @Slot()
    def _on_fit(self) -> None:
        job, facts = self._job, self.facts
        if job is None or facts is None:
            return
        device = next((each for each in self._devices if each.device == self._device), None)
        knows_bf16 = device is None or "bf16" in device.precisions
        placed = self._placed(job)
        dialog = FitDialog(
            placed, facts, self._device, self._total_gib, self._examples, knows_bf16, self.window()
        )
        dialog.applied.connect(partial(self._on_fitted, job.precision, placed.precision))
        dialog.open()

    def _on_fitted(self, asked: Precision, placed: Precision, fitted: TrainJob) -> None:
        """Leave open what was open, unless another precision was proposed."""
        precision = asked if fitted.precision == placed else fitted.precision
        self.fitted.emit(msgspec.structs.replace(fitted, precision=precision))


def _loaded(job: TrainJob) -> Loaded:
    return job.model, job.reward_clip if job.reward_weight else ""


def _read_facts(job: TrainJob) -> ModelFacts | None:
    try:
        return training_facts(job, resolve_model(job.model))
    except (SketchDeskError, OSError):
        return None  # the model's own field says what is wrong with it


def _memory_parts(memory: MemoryForecast) -> str:
    parts = (
        (_("weights"), memory.weights_gib), (_("gradients"), memory.gradients_gib),
        (_("optimiser"), memory.optimiser_gib), (_("average"), memory.ema_gib),
        (_("activations, about"), memory.activations_gib), (_("program and data"), memory.other_gib),
    )  # fmt: skip
    return "\n".join(f"{name}: {number_text(gib, 2)} GiB" for name, gib in parts)
