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
        fetched(object, object): So many bytes of how many of a set of the hub have come.
        found(Survey): It is done.
        failed(Exception): It is not, and why; Stopped after stop().
    """

    told = Signal(int, int)
    fetched = Signal(object, object)
    """Numbers of any size: Qt's own int has 32 bits."""
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

    def check(self) -> None:
        """Raise Stopped after stop()."""
        if self._stop.is_set():
            raise Stopped

    def _run(self) -> None:
        tell = seldom(self.told.emit)

        def heard(done: int, total: int | None) -> None:
            self.check()
            tell(done, total or 0)

        try:
            result = survey(self._job, heard, THREADS, _Listener(self))
        except Exception as error:  # noqa: BLE001 - told on the window's thread
            self.failed.emit(error)
        else:
            self.found.emit(result)


class _Listener:
    """Hears of a look's download, and ends it with the look."""

    def __init__(self, looking: Looking) -> None:
        self._looking = looking
        self._tell = seldom(looking.fetched.emit)

    def stage(self, name: str, index: int = 0, total: int = 1) -> None:
        """Say nothing: the bytes do."""

    def bytes_done(self, done: int, total: int) -> None:
        """Tell how far it is."""
        self._tell(done, total)
        self.check()

    def notice(self, message: str) -> None:
        """Say nothing: the set is here all the same."""

    def check(self) -> None:
        """Raise Stopped where the look was stopped."""
        self._looking.check()
