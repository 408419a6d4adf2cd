"""The data set page's report, made anew while captions change, in a thread and no more often than it is worth."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.dataset.captions import CaptionEdits
from sketchdesk.library.dataset.check import SetFacts, SetReport
from sketchdesk.workers.own_thread import OwnThread, Stopped

WAIT_MS = 300
SHARE = 0.1
"""Of the time, at most, goes into reports while captions keep coming: those of a large set take their time."""


class SetRecount(QObject):
    """Makes reports of the captions as they are: of the newest ones, others are passed over. End it with `shutdown`.

    Signals:
        counted(SetReport): One is made.
    """

    counted = Signal(SetReport)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts: SetFacts | None = None
        self._wanted: CaptionEdits | None = None
        self._counting: _Counting | None = None
        self._wait = QTimer(self, interval=WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._count)

    def follow(self, facts: SetFacts | None) -> None:
        """Say which set the captions belong to; what was asked for of another is forgotten."""
        self._facts, self._wanted = facts, None
        if self._counting:
            self._counting.stop()

    def ask(self, edits: CaptionEdits) -> None:
        """Want a report with these captions soon."""
        self._wanted = edits
        if self._counting is None and not self._wait.isActive():
            self._wait.start()

    def shutdown(self) -> None:
        """Make no more. One that is being made is not waited for: that of a large set takes seconds."""
        self._wait.stop()
        self.follow(None)

    @Slot()
    def _count(self) -> None:
        if self._facts is None or self._wanted is None:
            return
        self._counting = _Counting(self._facts, self._wanted)
        self._wanted = None
        self._counting.found.connect(self._on_counted)
        self._counting.failed.connect(self._on_failed)
        self._counting.start()

    @Slot(object)
    def _on_counted(self, counted: tuple[SetFacts, SetReport, float]) -> None:
        facts, report, took_s = counted
        self._wait.setInterval(max(WAIT_MS, int(1000 * took_s / SHARE)))
        if facts is self._facts:
            self.counted.emit(report)
        self._on_ended()

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._on_ended()
        if not isinstance(error, Stopped):
            raise error

    def _on_ended(self) -> None:
        self._counting = None
        if self._wanted is not None:
            self._wait.start()


class _Counting(OwnThread):
    """One report; found(tuple[SetFacts, SetReport, float]) tells of what, the report, and how many seconds it took."""

    def __init__(self, facts: SetFacts, edits: CaptionEdits) -> None:
        super().__init__("recount")
        self._facts, self._edits = facts, edits

    def work(self) -> tuple[SetFacts, SetReport, float]:
        """Make it."""
        began_s = time.monotonic()
        report = self._facts.report(self._edits.edits, self.check)
        return self._facts, report, time.monotonic() - began_s
