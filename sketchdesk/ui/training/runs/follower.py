"""Replays runs from their folders and follows those that go on: one code path for the past and the present."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.runs.events import read_events
from sketchdesk.library.runs.runs import Run
from sketchdesk.ui.training.runs.history import History, Part
from sketchdesk.workers.background import Background

POLL_MS = 200
PART_BYTES = 1 << 20
"""Read and taken in together: some thousand events, which the window takes in within milliseconds."""


@dataclass
class _Followed:
    run: Run
    history: History = field(default_factory=History)
    offset: int = 0
    is_live: bool = False
    is_reading: bool = False


class RunFollower(QObject):
    """Reads in threads, at most five times a second; each run's History lives on the window's thread.

    Signals:
        changed(str): A run's history has grown; its id.
    """

    changed = Signal(str)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._runs: dict[str, _Followed] = {}
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    def history(self, run_id: str) -> History:
        """Return what is known of a run that is followed. Raises KeyError for another."""
        return self._runs[run_id].history

    def follow(self, runs: list[Run]) -> None:
        """Follow these runs and no others; the ones that are new are replayed from the start."""
        wanted = {run.id: run for run in runs}
        self._runs = {run_id: self._runs.get(run_id) or _Followed(run) for run_id, run in wanted.items()}
        for followed in self._runs.values():
            self._read(followed)

    def set_live(self, run_id: str, is_live: bool) -> None:
        """Say whether more is to come of a run; of one that has just ended the rest is read once more."""
        followed = self._runs.get(run_id)
        if followed and followed.is_live != is_live:
            followed.is_live = is_live
            self._read(followed)

    def set_awake(self, is_awake: bool) -> None:
        """Follow while somebody looks; what was missed is read at once afterwards."""
        if is_awake and not self._timer.isActive():
            self._timer.start()
            self._poll()
        elif not is_awake:
            self._timer.stop()

    @Slot()
    def _poll(self) -> None:
        for followed in self._runs.values():
            if followed.is_live:
                self._read(followed)

    def _read(self, followed: _Followed) -> None:
        if not followed.is_reading:
            followed.is_reading = True
            work = partial(_read_part, followed.run.folder, followed.offset)
            self._background.do(work, partial(self._take, followed), partial(self._give_up, followed))

    def _take(self, followed: _Followed, found: tuple[Part, int]) -> None:
        part, offset = found
        followed.is_reading = False
        if self._runs.get(followed.run.id) is not followed:
            return  # nobody looks at it any more
        grown = offset - followed.offset
        followed.offset = offset
        if part.count:
            followed.history.add(part)
            self.changed.emit(followed.run.id)
        if grown > PART_BYTES // 2:  # there may be more
            self._read(followed)

    def _give_up(self, followed: _Followed, error: Exception) -> None:
        """Leave what is known as it is: a folder that was deleted or cannot be read any more has no more to say."""
        followed.is_reading = False
        if not isinstance(error, OSError):
            raise error


def _read_part(folder: Path, offset: int) -> tuple[Part, int]:
    events, offset = read_events(folder, offset, PART_BYTES)
    return Part.of(events), offset
