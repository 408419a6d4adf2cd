"""Below the charts: samples over time, the log, or notes."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.events import PreviewReady
from sketchdesk.contracts.text import _
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.training.charts.sample_viewer import SampleViewer
from sketchdesk.ui.training.charts.samples_strip import SamplesStrip
from sketchdesk.ui.training.runs.history import History
from sketchdesk.ui.training.runs.log_view import LogView
from sketchdesk.ui.training.runs.notes_view import NotesView
from sketchdesk.workers.background import Background

SAMPLES, LOG, NOTES = range(3)
LEAST_PX = 204
"""Room for the heading and one row of pictures."""


class BelowCharts(QFrame):
    """A card with three pages."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_below")
        set_role(self, "card")
        self._history = History()
        self.strip = SamplesStrip(background)
        self._none = named(QLabel(), "training_no_samples")
        set_role(self._none, "muted")
        self._none.setWordWrap(True)
        self.log = LogView()
        self.notes = NotesView(background)
        samples = QWidget()
        column = QVBoxLayout(samples)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._none)
        column.addWidget(self.strip, 1)
        self._pages = named(QStackedWidget(), "training_below_pages")
        self._pages.addWidget(samples)
        self._pages.addWidget(self.log)
        self._pages.addWidget(self.notes)
        self._buttons = [named(QToolButton(), f"training_show_{name}") for name in ("samples", "log", "notes")]
        self._ends = named(QCheckBox(), "training_first_and_last")
        self._build()
        self.retranslate()

    def _build(self) -> None:
        self.setMinimumHeight(LEAST_PX)
        group = QButtonGroup(self)
        head = QHBoxLayout()
        head.setSpacing(4)
        for place, button in enumerate(self._buttons):
            button.setCheckable(True)
            set_role(button, "nav")
            group.addButton(button, place)
            head.addWidget(button)
        head.addStretch(1)
        head.addWidget(self._ends)
        head.addWidget(self.log.copy_button)
        self._buttons[SAMPLES].setChecked(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)
        self.log.copy_button.hide()
        group.idClicked.connect(self.show_page)
        self._ends.toggled.connect(self.strip.set_ends_only)
        self.strip.opened.connect(self._on_opened)

    def retranslate(self) -> None:
        """Take the language in use."""
        for button, text, sentence in zip(
            self._buttons, (_("Samples over time"), _("Log"), _("Notes")),
            (
                _("Show the pictures that were drawn while the model learnt"), _("Show what happened, line by line"),
                _("Write down what you want to remember of this run"),
            ),
            strict=True,
        ):  # fmt: skip
            button.setText(text)
            describe(button, sentence)
        self._ends.setText(_("First and last only"))
        describe(self._ends, _("Show only the first and the last picture of each prompt, side by side"))
        self._none.setText(
            _("No pictures yet. With prompts to watch in the recipe, the untouched model draws them first.")
        )
        self.strip.retranslate()
        self.log.retranslate()
        self.notes.retranslate()

    def show_history(self, history: History) -> None:
        """Show what a run has drawn and told."""
        self._history = history
        samples = sorted(history.samples.values(), key=lambda sample: sample.step)
        self._none.setVisible(not samples)
        self.strip.setVisible(bool(samples))
        self.strip.show_samples(samples)
        self.log.show_events(history.told)

    def show_step(self, step: float) -> None:
        """Show the samples that were drawn nearest to a step."""
        if self._history.samples:
            self.show_page(SAMPLES)
            self.strip.show_step(step)

    @property
    def page(self) -> int:
        """Which page is on show."""
        return self._pages.currentIndex()

    @Slot(int)
    def show_page(self, page: int) -> None:
        """Show the samples, the log or the notes."""
        self._buttons[page].setChecked(True)
        self._pages.setCurrentIndex(page)
        self._ends.setVisible(page == SAMPLES)
        self.log.copy_button.setVisible(page == LOG)

    @Slot(object)
    def _on_opened(self, sample: PreviewReady) -> None:
        same = [each for each in self._history.samples.values() if each.prompt == sample.prompt]
        viewer = SampleViewer(sorted(same, key=lambda each: each.step), sample, self.window())
        viewer.open()
