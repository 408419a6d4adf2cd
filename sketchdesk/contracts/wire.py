"""How jobs and events cross a pipe: one JSON object a line, checked on arrival."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from sketchdesk.contracts.events import Event
from sketchdesk.contracts.jobs import Job
from sketchdesk.contracts.reading import reader


class RunJob(Struct, frozen=True, kw_only=True, tag="run"):
    """Do this job now; every event is appended to run_dir/events.jsonl as well."""

    job_id: str
    job: Job
    run_dir: str


class CancelJob(Struct, frozen=True, kw_only=True, tag="cancel"):
    """Stop the job at the next step, keeping what is finished."""

    job_id: str


class PauseJob(Struct, frozen=True, kw_only=True, tag="pause"):
    """Hold (paused=True) or go on with the job at its next step."""

    job_id: str
    paused: bool


Request = RunJob | CancelJob | PauseJob

_encoder = msgspec.json.Encoder()


def encode(message: Request | Event | Job) -> bytes:
    """Return the message as one line of JSON, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """Read a line from the window. Raises msgspec.ValidationError or msgspec.DecodeError with the reason."""
    request: Request = reader(Request).decode(line)
    return request


def decode_event(line: bytes) -> Event:
    """Read a line from an engine. Raises msgspec.ValidationError or msgspec.DecodeError with the reason."""
    event: Event = reader(Event).decode(line)
    return event


def decode_job(text: bytes) -> Job:
    """Read a saved job. Raises msgspec.ValidationError or msgspec.DecodeError with the reason."""
    job: Job = reader(Job).decode(text)
    return job
