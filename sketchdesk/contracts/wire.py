"""How jobs and events cross a pipe: one JSON object a line, checked on arrival."""

from __future__ import annotations

import functools

import msgspec
from msgspec import Struct

from sketchdesk.contracts.events import Event
from sketchdesk.contracts.jobs import Job


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


@functools.cache
def _requests() -> msgspec.json.Decoder[Request]:  # each is made when it is first needed: that takes milliseconds
    return msgspec.json.Decoder(Request)


@functools.cache
def _events() -> msgspec.json.Decoder[Event]:
    return msgspec.json.Decoder(Event)


@functools.cache
def _jobs() -> msgspec.json.Decoder[Job]:
    return msgspec.json.Decoder(Job)


def encode(message: Request | Event | Job) -> bytes:
    """Return the message as one line of JSON, newline included."""
    return _encoder.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """Read a line from the window. Raises msgspec.ValidationError or msgspec.DecodeError with the reason."""
    return _requests().decode(line)


def decode_event(line: bytes) -> Event:
    """Read a line from an engine. Raises msgspec.ValidationError or msgspec.DecodeError with the reason."""
    return _events().decode(line)


def decode_job(text: bytes) -> Job:
    """Read a saved job. Raises msgspec.ValidationError or msgspec.DecodeError with the reason."""
    return _jobs().decode(text)
