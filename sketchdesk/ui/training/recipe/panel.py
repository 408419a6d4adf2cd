"""The right side: recipe, forecast, and the button that starts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.reading import convert
from sketchdesk.contracts.text import _
from sketchdesk.library.files.loose import mapping, text
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.training.forecast import Speed
from sketchdesk.library.training.memory import MemoryPeak
from sketchdesk.library.training.recipes import DEMO_SKETCH, Recipe, with_recipe
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import dressing, set_role
from sketchdesk.ui.training.recipe.forecast_card import ForecastCard
from sketchdesk.ui.training.recipe.form import RecipeForm
from sketchdesk.ui.training.recipe.preset_box import PresetBox
from sketchdesk.ui.training.recipe.try_bar import TryBar
from sketchdesk.ui.training.recipe.trying import Trying
from sketchdesk.ui.widgets.column_scroll import ColumnScroll
from sketchdesk.workers.runner import JobRunner

FORECAST_AFTER_MS = 150
WIDTH_PX = 300


class RecipePanel(QFrame):
    """Holds the form; says when it can be started and what it will need. It has to be put where it belongs, and
    `put_together`.

    Signals:
        start_requested(): The button was pressed and nothing is wrong.
        message(Message): From the parts.
    """

    start_requested = Signal()
    message = Signal(Message)

    def __init__(
        self, runner: JobRunner, form: RecipeForm, preset: PresetBox, forecast: ForecastCard,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._runner = runner
        self._models: list[ModelEntry] = []
        self.setObjectName("training_recipe_panel")
        set_role(self, "panel-right")
        self.form = form
        self.form.set_value(with_recipe(self.form.value(), DEMO_SKETCH))
        self.preset, self.forecast = preset, forecast
        self._trying = Trying(runner, self)
        self.trial = TryBar(self._trying)
        self.forecast.body.addWidget(self.trial)
        self._problem = named(QLabel(), "training_start_problem")
        set_role(self._problem, "problem")
        self._problem.setWordWrap(True)
        self._start = named(QPushButton(), "training_start_button")
        set_role(self._start, "primary")
        self._wait = QTimer(self, interval=FORECAST_AFTER_MS, singleShot=True)
        self._wait.timeout.connect(self._forecast)
        self._build()
        self.form.value_changed.connect(self._on_changed)
        self.forecast.fitted.connect(self.form.set_value)
        self.forecast.facts_known.connect(self._on_facts)
        self.preset.message.connect(self.message)
        self._start.clicked.connect(self.start)
        self.trial.pressed.connect(self.try_out)
        self.form.dataset.look_requested.connect(self.look_through)
        self._show_words()

    def _build(self) -> None:
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(16, 16, 16, 16)
        self._column.setSpacing(12)
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 8, 16, 16)
        foot.setSpacing(8)
        foot.addWidget(self._problem)
        foot.addWidget(self._start)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(ColumnScroll("training_recipe_scroll", inside), 1)
        layout.addLayout(foot)
        self.setMinimumWidth(WIDTH_PX - 20)

    def put_together(self) -> Iterator[None]:
        """Put the parts in place, the form with the last step: what is typed into it must not be written over then."""
        self._column.addWidget(self.preset)
        yield
        for widget in (self.form, self.forecast):
            widget.hide()
            self._column.addWidget(widget)
            yield
        yield from self.form.put_together()
        for widget in (self.form, self.forecast):
            yield from dressing(widget)
        self._column.addStretch(1)
        for widget in (self.form, self.forecast):
            widget.show()

    def retranslate(self) -> None:
        """Take the language in use."""
        self._show_words()
        for part in (self.preset, self.form, self.forecast, self.trial):
            part.retranslate()

    def _show_words(self) -> None:
        """Show what the panel says itself; its parts do that for themselves when they are made."""
        self._start.setText(_("Start training"))
        describe(self._start, _("Start the training, or put it into the queue behind what works"))

    def set_models(self, models: Sequence[ModelEntry]) -> None:
        """Offer these models."""
        self._models = list(models)
        self.form.set_models(models)
        self.forecast.forget_models()

    def set_devices(self, devices: Sequence[DeviceFound]) -> None:
        """Offer these devices."""
        self.form.set_devices(devices)
        self.forecast.set_devices(devices)

    def set_known(self, speeds: Sequence[Speed], peaks: Sequence[MemoryPeak]) -> None:
        """Say how fast earlier runs were, and how much memory they needed."""
        self.forecast.set_speeds(speeds)
        self.forecast.set_peaks(peaks)

    def fill(self, recipe: Recipe, name: str) -> None:
        """Fill in a ready recipe under a name."""
        self.form.set_value(with_recipe(self.form.value(), recipe))
        self.form.set_name(name)

    @Slot()
    def start(self) -> None:
        """Ask for the training to be started, unless something is wrong: that is said below the form."""
        self._show_problem()
        if not self.form.problems:
            self.start_requested.emit()

    @Slot()
    def try_out(self) -> None:
        """Have two steps of the recipe done, for what they take; what is wrong with it is said below the form."""
        self._show_problem()
        if self.form.problems:
            return
        try:
            self._trying.begin(self.form.value(), self.form.title)
        except SketchDeskError as error:
            self.message.emit(of_error(error))

    @Slot()
    def look_through(self) -> None:
        """Show what the data set holds."""
        from sketchdesk.ui.training.dataset.set_dialog import SetDialog

        dialog = SetDialog(self.form.value(), self._runner, self._models, self.window())
        dialog.message.connect(self.message)
        dialog.captions_kept.connect(self.form.dataset.look_again)
        dialog.open()

    def save_state(self) -> dict[str, object]:
        """Return what is typed."""
        return {"name": self.form.name, "job": msgspec.to_builtins(self.form.value()), "more": self.form.more.is_open}

    def restore_state(self, state: dict[str, object]) -> None:
        """Bring back what was typed; what cannot be understood any more is left out."""
        self.form.set_name(text(state.get("name")))
        self.form.more.set_open(state.get("more") is True)
        try:
            self.form.set_value(convert(mapping(state.get("job")), TrainJob))
        except msgspec.ValidationError:
            return

    @Slot()
    def _on_changed(self) -> None:
        self._wait.start()
        self._show_problem()

    def _show_problem(self) -> None:
        problems = self.form.problems
        self._problem.setText(problems[0] if problems else "")
        self._problem.setVisible(bool(problems))
        self._start.setEnabled(not problems)
        self.trial.set_possible(not problems)

    @Slot()
    def _forecast(self) -> None:
        check = self.form.dataset.check
        self.forecast.set_job(self.form.value(), check.pictures if check else 0, self._runner.num_threads)

    @Slot()
    def _on_facts(self) -> None:
        facts = self.forecast.facts
        self.form.set_cell(facts.cell_px if facts else 0)
