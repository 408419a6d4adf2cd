"""What the exit status of a command says. Documented in every --help and in the README."""

from __future__ import annotations

from enum import IntEnum

from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.contracts.events import JobEnded
from sketchdesk.contracts.text import N_, _

CANCELED_KIND = "canceled"
"""What --json answers name as the kind of error when a person stopped the command; the rest are ErrorKinds."""


class ExitCode(IntEnum):
    """The exit statuses, one for each thing a script may want to do next."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    EXHAUSTED = 3
    CANCELED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.DONE: N_("done"),
    ExitCode.FAILED: N_("the job failed, or doctor found something that must be mended"),
    ExitCode.BAD_INPUT: N_("an option, or a file or device it names, cannot be used"),
    ExitCode.EXHAUSTED: N_("memory or disk ran out"),
    ExitCode.CANCELED: N_("canceled by Ctrl+C or a request to end; what was finished is kept"),
}

_BAD_INPUT = {
    ErrorKind.BAD_INPUT, ErrorKind.MODEL_NOT_FOUND, ErrorKind.MODEL_UNREADABLE, ErrorKind.UNSAFE_WEIGHTS,
    ErrorKind.DATASET_UNREADABLE, ErrorKind.NO_CAPTIONS, ErrorKind.NO_IMAGES, ErrorKind.DEVICE_MISSING,
    ErrorKind.PRECISION_UNSUPPORTED, ErrorKind.NOT_WRITABLE, ErrorKind.NOTHING_TO_RESUME, ErrorKind.HUB_NOT_FOUND,
    ErrorKind.HUB_GATED, ErrorKind.HUB_DENIED, ErrorKind.HUB_OFFLINE, ErrorKind.CODE_IN_WEIGHTS,
    ErrorKind.MODEL_INCOMPLETE, ErrorKind.FAMILY_UNKNOWN, ErrorKind.ADAPTER_MISSING, ErrorKind.ADAPTER_MISFIT,
    ErrorKind.CHANGED,
}
_EXHAUSTED = {ErrorKind.OUT_OF_MEMORY, ErrorKind.DISK_FULL, ErrorKind.DISK_SHORT}


def of_kind(kind: str | None) -> ExitCode:
    """Return the exit status of a failure of this ErrorKind; one that is unknown simply failed."""
    if kind in _BAD_INPUT:
        return ExitCode.BAD_INPUT
    return ExitCode.EXHAUSTED if kind in _EXHAUSTED else ExitCode.FAILED


def of_job(ended: JobEnded) -> ExitCode:
    """Return the exit status of a job's end."""
    if ended.state == "done":
        return ExitCode.DONE
    return ExitCode.CANCELED if ended.state == "canceled" else of_kind(ended.kind)


def epilog() -> str:
    """Return the exit statuses as the closing paragraph of a help text."""
    lines = [f"  {code.value:>3}  {_(MEANINGS[code])}" for code in ExitCode]
    return "\n".join([_("exit status:"), *lines])
