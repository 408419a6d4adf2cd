"""A look through a data set in a thread of its own, which nobody has to wait for when it is no longer wanted."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.dataset.survey import survey
from sketchdesk.library.progress import seldom

THREADS = 2
"""That decode pictures: the window wants a processor as well."""


class Stopped(Exception):  # noqa: N818 - no error
    """The look was stopped before its end."""


class Looking(QObject):
    """One look, begun with start().

    Signals:
        told(int, int): So many pictures of how many (0: nobody knows) were looked at.
        found(Survey): It is done.
        failed(Exception): It is not, and why; Stopped after stop().
    """

    told = Signal(int, int)
    found = Signal(object)
    failed = Signal(object)

    def __init__(self, job: TrainJob) -> None:
        super().__init__()
        self._job = job
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin."""
        # The thread keeps this object alive; a daemon, since a hub that does not answer must not keep the program.
        threading.Thread(target=self._run, name="look-through", daemon=True).start()

    def stop(self) -> None:
        """End it at the next picture."""
        self._stop.set()

    def _run(self) -> None:
        tell = seldom(self.told.emit)

        def heard(done: int, total: int | None) -> None:
            if self._stop.is_set():
                raise Stopped
            tell(done, total or 0)

        try:
            result = survey(self._job, heard, THREADS)
        except Exception as error:  # noqa: BLE001 - told on the window's thread
            self.failed.emit(error)
        else:
            self.found.emit(result)
