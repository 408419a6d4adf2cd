"""What lies in the library that more than one panel asks for: the models and the runs, read in a thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.events import JobEnded
from sketchdesk.library.models.installed import ModelEntry, list_models
from sketchdesk.library.runs.runs import Run, list_runs
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner


class Shelf(QObject):
    """Looks when asked to; the runs of this window it takes in as they end.

    Signals:
        models_found(list): Every model on this machine.
    """

    models_found = Signal(object)

    def __init__(self, runner: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._background = Background(self)
        self._looking = self._again = False
        self.models: list[ModelEntry] = []
        self.runs: list[Run] = []
        """The runs of the data folder as they were found last, oldest first."""
        runner.job_ended.connect(self._on_ended)

    @Slot()
    def look(self) -> None:
        """Look for models and runs; a second wish while a look is under way has it look once more."""
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._background.do(_found, self._on_found, self._on_failed)

    def shutdown(self) -> None:
        """Wait for a look that is under way."""
        self._background.shutdown()

    def _on_found(self, found: tuple[list[ModelEntry], list[Run]]) -> None:
        self.models, self.runs = found
        self._end_look()
        self.models_found.emit(self.models)

    def _on_failed(self, error: Exception) -> None:
        self._end_look()
        raise error

    def _end_look(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.look()

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        if event.job_id not in {known.id for known in self.runs}:
            self.runs.append(self._runner.run(event.job_id))


def _found() -> tuple[list[ModelEntry], list[Run]]:
    return list_models(), list_runs()
