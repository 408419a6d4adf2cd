"""What happened in a run, in order: events.jsonl, one event a line, read while it is still being written."""

from __future__ import annotations

import io
import logging
from collections import deque
from pathlib import Path

import msgspec

from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Event, JobEnded, JobStarted, StepDone
from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.files.lines import append_lines, ends_torn

EVENTS_FILE = "events.jsonl"
MOST_WAITING_BYTES = 4 * 2**20
"""Lines that wait in memory while the disk is full: tens of thousands."""

log = logging.getLogger(__name__)


def read_events(folder: Path, offset: int = 0, most_bytes: int = -1) -> tuple[list[Event], int]:
    """Return the events from a byte offset on, and the offset to go on from: replay, then follow.

    A last line still being written waits for the next call; a line torn by a kill, or of a newer version, is skipped.
    With `most_bytes` a long log is read in parts; it must be more than the longest line.
    """
    try:
        with (folder / EVENTS_FILE).open("rb") as file:
            file.seek(offset)
            data = file.read(most_bytes)
    except FileNotFoundError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    events = []
    for line in whole.splitlines():
        try:
            events.append(wire.decode_event(line))
        except (msgspec.DecodeError, UnicodeError) as error:
            log.info("%s: an event was skipped: %s", folder.name, error)
    return events, offset + len(whole)


class EventLog:
    """The events.jsonl of a run that works: every event is appended at once, in one write, so that a kill loses none.

    A full disk ends no run: lines wait in memory then, in their order, and follow as soon as there is room. What only
    says how far a stage is does not wait; of more than MOST_WAITING_BYTES the oldest are given up. For one thread.
    """

    def __init__(self, folder: Path) -> None:
        """Open a run's log, or begin it. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE), OSError."""
        self._path = folder / EVENTS_FILE
        self._is_torn = False
        """Whether the first line that waits has its beginning on disk."""
        self.is_behind = False
        """Whether lines wait for room."""
        with disk_errors(self._path):
            self._waiting = deque([b"\n"] if ends_torn(self._path) else [])  # so that ours begin on their own
            self._file = io.FileIO(self._path, "ab")

    def add(self, event: Event) -> None:
        """Append an event. Raises SketchDeskError(NOT_WRITABLE), OSError; never for a full disk."""
        if not (self.is_behind and isinstance(event, StepDone)):
            self._waiting.append(wire.encode(event))
        try:
            with disk_errors(self._path):
                self._write()
            self.is_behind = False
        except SketchDeskError as error:
            if error.kind is not ErrorKind.DISK_FULL:
                raise
            self.is_behind = True
            self._forget_the_oldest()

    def close(self) -> None:
        """Let go of the file; what waits still is lost, and noted in the program's log."""
        if self._waiting:
            log.warning("%s: %d lines found no room on the disk", self._path, len(self._waiting))
        self._file.close()

    def _write(self) -> None:
        while self._waiting:
            written = self._file.write(self._waiting[0])
            if written == len(self._waiting[0]):
                self._waiting.popleft()
                self._is_torn = False
            else:  # as much as there was room for
                self._waiting[0] = self._waiting[0][written:]
                self._is_torn = True

    def _forget_the_oldest(self) -> None:
        while sum(map(len, self._waiting)) > MOST_WAITING_BYTES and len(self._waiting) > 2:
            del self._waiting[1 if self._is_torn else 0]


def append_event(folder: Path, event: Event) -> None:
    """Add an event on behalf of an engine that died, on a line of its own. Raises SketchDeskError(DISK_FULL, …)."""
    append_lines(folder / EVENTS_FILE, wire.encode(event))


def last_end(events: list[Event]) -> JobEnded | None:
    """Return the end of the run's last start; an end before a later start (a resumed run's) does not count."""
    last = next((event for event in reversed(events) if isinstance(event, JobEnded | JobStarted)), None)
    return last if isinstance(last, JobEnded) else None
