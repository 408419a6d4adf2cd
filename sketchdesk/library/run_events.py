"""What happened in a run, in order: events.jsonl, one event a line, read while it is still being written."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import Event, JobEnded, JobStarted
from sketchdesk.library.lines import append_lines

EVENTS_FILE = "events.jsonl"

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


def append_event(folder: Path, event: Event) -> None:
    """Add an event on behalf of an engine that died, on a line of its own. Raises SketchDeskError(DISK_FULL, …)."""
    append_lines(folder / EVENTS_FILE, wire.encode(event))


def last_end(events: list[Event]) -> JobEnded | None:
    """Return the end of the run's last start; an end before a later start (a resumed run's) does not count."""
    last = next((event for event in reversed(events) if isinstance(event, JobEnded | JobStarted)), None)
    return last if isinstance(last, JobEnded) else None
