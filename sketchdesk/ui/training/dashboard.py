"""The middle of the tab: a run's header, its charts, its samples and its log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QSplitter, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.contracts.text import _
from sketchdesk.library.distillation.settings import begins_of
from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.training.metrics_csv import write_metrics
from sketchdesk.library.training.recipes import folder_name
from sketchdesk.library.training.train_runs import Training
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.naming import named
from sketchdesk.ui.training.charts.below_charts import BelowCharts
from sketchdesk.ui.training.charts.chart_tools import ChartTools
from sketchdesk.ui.training.charts.charts import SMOOTHING, Charts
from sketchdesk.ui.training.charts.run_lines import Shown
from sketchdesk.ui.training.runs.follower import RunFollower
from sketchdesk.ui.training.runs.header import RunHeader
from sketchdesk.ui.training.runs.history import Numbers, rows_of
from sketchdesk.workers.background import Background

REFRESH_MS = 200


class Dashboard(QWidget):
    """Shows one training in the foreground and others laid over its charts; painted at most five times a second.

    Signals:
        message(Message): Something was exported, or could not be.
    """

    message = Signal(Message)

    def __init__(
        self, follower: RunFollower, background: Background, charts: Charts, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("training_dashboard")
        self._follower, self._background = follower, background
        self._trainings: list[Training] = []
        self.header = RunHeader()
        self.tools = ChartTools(SMOOTHING)
        self.charts = charts
        self.below = BelowCharts(background)
        self.splitter = named(QSplitter(Qt.Orientation.Vertical), "training_dashboard_splitter")
        self._refresh = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._refresh.timeout.connect(self._show_now)
        self._build()

    def _build(self) -> None:
        self.splitter.addWidget(self.charts)
        self.splitter.addWidget(self.below)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setHandleWidth(12)
        self.splitter.setStyleSheet("QSplitter::handle { background: transparent; }")  # a gap, not a bar
        self.splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.header)
        layout.addWidget(self.tools)
        layout.addWidget(self.splitter, 1)
        self.tools.smoothing_changed.connect(self.charts.set_smoothing)
        self.tools.log_changed.connect(self.charts.set_log)
        self.tools.optimiser_wanted.connect(self.charts.set_optimiser)
        self.tools.fit_pressed.connect(self.charts.fit)
        self.tools.picture_wanted.connect(self.export_picture)
        self.tools.table_wanted.connect(self.export_table)
        self.charts.zoomed.connect(self.tools.set_zoomed)
        self.charts.clicked.connect(self.below.show_step)
        self.below.notes.message.connect(self.message)
        self._follower.changed.connect(self._on_history)

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.header, self.tools, self.charts, self.below):
            part.retranslate()

    def show_trainings(self, trainings: Sequence[Training]) -> None:
        """Show these, the first in the foreground; each must be followed."""
        if [each.run.id for each in trainings[:1]] != [each.run.id for each in self._trainings[:1]]:
            self.charts.fit()
        self._trainings = list(trainings)
        self.below.notes.show_run(trainings[0].run.folder if trainings else None)
        self._show_now()

    def update_training(self, training: Training) -> None:
        """Take what is new of a training on show."""
        self._trainings = [training if each.run.id == training.run.id else each for each in self._trainings]
        self._soon()

    @Slot()
    def export_picture(self) -> None:
        """Ask where the charts go as a picture."""
        self._ask(_("Save the charts"), "png", self.write_picture)

    @Slot()
    def export_table(self) -> None:
        """Ask where the numbers go as a table."""
        self._ask(_("Save the numbers"), "csv", self.write_table)

    @Slot(str)
    def write_picture(self, path: str) -> None:
        """Save the charts as they are on show."""
        self._background.do(partial(_save_image, self.charts.image(), Path(path)), self._on_written, self._on_failed)

    @Slot(str)
    def write_table(self, path: str) -> None:
        """Save the numbers of every run on show."""
        runs = {
            f"{each.run.title} ({each.run.id})": self._follower.history(each.run.id).numbers_now()
            for each in self._trainings
        }
        self._background.do(partial(_save_table, runs, Path(path)), self._on_written, self._on_failed)

    def _ask(self, title: str, suffix: str, then: Callable[[str], None]) -> None:
        dialog = QFileDialog(self, title)
        dialog.setObjectName("training_export_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{suffix.upper()} (*.{suffix})")
        dialog.setDefaultSuffix(suffix)
        name = self._trainings[0].run.title if self._trainings else ""
        dialog.selectFile(f"{folder_name(name)}.{suffix}")
        dialog.fileSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    @Slot(str)
    def _on_history(self, _run_id: str) -> None:
        self._soon()

    def _soon(self) -> None:
        if not self._refresh.isActive():
            self._refresh.start()

    @Slot()
    def _show_now(self) -> None:
        if not self._trainings:
            return
        first = self._trainings[0]
        history = self._follower.history(first.run.id)
        self.header.show_training(first, history)
        self.tools.optimiser.setVisible(isinstance(first.job, DistillJob))
        self.below.show_history(history)
        self.charts.show_runs([
            Shown(
                each.run.title, self._follower.history(each.run.id), each.total, each.job.max_grad_norm,
                distils=isinstance(each.job, DistillJob), begins=begins_of(each.job),
            )
            for each in self._trainings
        ])  # fmt: skip

    def _on_written(self, path: Path) -> None:
        self.message.emit(Message(_("Saved as {file}.").format(file=path), level="good"))

    def _on_failed(self, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            raise error
        self.message.emit(of_error(error))


def _save_image(image: QImage, path: Path) -> Path:
    with replacing(path) as temporary:
        if not QImageWriter(str(temporary), QByteArray(b"png")).write(image):
            raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(path))
    return path


def _save_table(runs: dict[str, Numbers], path: Path) -> Path:
    write_metrics(path, {title: rows_of(numbers) for title, numbers in runs.items()})
    return path
