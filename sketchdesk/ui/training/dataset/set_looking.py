"""A look through a data set in a thread of its own, which nobody has to wait for when it is no longer wanted."""

from __future__ import annotations

from PySide6.QtCore import Signal

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.dataset.survey import Survey, survey
from sketchdesk.library.progress import seldom
from sketchdesk.workers.own_thread import OwnThread

THREADS = 2
"""That decode pictures: the window wants a processor as well."""


class Looking(OwnThread):
    """One look, begun with start(); stop() ends it at the next picture.

    Signals:
        told(int, int): So many pictures of how many (0: nobody knows) were looked at.
        fetched(object, object): So many bytes of how many of a set of the hub have come.
        found(Survey): It is done.
        failed(Exception): It is not, and why; Stopped after stop().
    """

    told = Signal(int, int)
    fetched = Signal(object, object)
    """Numbers of any size: Qt's own int has 32 bits."""

    def __init__(self, job: TrainJob) -> None:
        super().__init__("look-through")
        self._job = job

    def work(self) -> Survey:
        """Look."""
        tell = seldom(self.told.emit)

        def heard(done: int, total: int | None) -> None:
            self.check()
            tell(done, total or 0)

        return survey(self._job, heard, THREADS, _Listener(self))


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
