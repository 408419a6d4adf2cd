"""The data set page's report, made anew while captions change, in a thread and no more often than it is worth."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.dataset.captions import CaptionEdits
from sketchdesk.library.dataset.check import SetFacts, SetReport
from sketchdesk.workers.background import Background

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
        self._background = Background(self, threads=1)
        self._facts: SetFacts | None = None
        self._wanted: CaptionEdits | None = None
        self._is_counting = False
        self._wait = QTimer(self, interval=WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._count)

    def follow(self, facts: SetFacts) -> None:
        """Say which set the captions belong to; what was asked for of another is forgotten."""
        self._facts, self._wanted = facts, None

    def ask(self, edits: CaptionEdits) -> None:
        """Want a report with these captions soon."""
        self._wanted = edits
        if not self._is_counting and not self._wait.isActive():
            self._wait.start()

    def shutdown(self) -> None:
        """Make no more."""
        self._wait.stop()
        self._background.shutdown()

    @Slot()
    def _count(self) -> None:
        if self._facts is None or self._wanted is None:
            return
        facts, edits, self._wanted = self._facts, self._wanted, None
        self._is_counting = True
        self._background.do(partial(_timed, facts, edits), partial(self._on_counted, facts))

    def _on_counted(self, facts: SetFacts, counted: tuple[SetReport, float]) -> None:
        report, took_s = counted
        self._is_counting = False
        self._wait.setInterval(max(WAIT_MS, int(1000 * took_s / SHARE)))
        if facts is self._facts:
            self.counted.emit(report)
        if self._wanted is not None:
            self._wait.start()


def _timed(facts: SetFacts, edits: CaptionEdits) -> tuple[SetReport, float]:
    """Return the report, and how long it took in seconds."""
    began_s = time.monotonic()
    return facts.report(edits.edits), time.monotonic() - began_s
