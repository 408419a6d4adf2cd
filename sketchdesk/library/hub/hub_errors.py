"""What the hub's client raises, as the failures a person can read."""

from __future__ import annotations

import httpx2
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _, ngettext

PASSING = {408, 429, 500, 502, 503, 504}
"""Answers after which the same question may be asked again."""


def named(error: Exception, what: str) -> SketchDeskError:
    """Return the failure, `what` being the model or file that was asked for; what is no hub error is raised again."""
    match error:
        case SketchDeskError():
            return error
        case GatedRepoError():
            kind = ErrorKind.HUB_GATED
        case RepositoryNotFoundError() | RevisionNotFoundError() | RemoteEntryNotFoundError():
            kind = ErrorKind.HUB_NOT_FOUND
        case OfflineModeIsEnabled():
            kind = ErrorKind.HUB_OFFLINE
        case HFValidationError():
            text = _("“{name}” is not a model's name on the hub, such as owner/model.").format(name=what)
            return SketchDeskError(ErrorKind.BAD_INPUT, text, str(error))
        case HfHubHTTPError():
            return _of_status(error, what)
        case httpx2.TransportError() | httpx2.TooManyRedirects() | httpx2.InvalidURL() | ValueError():
            kind = ErrorKind.HUB_UNREACHABLE
        case _:
            raise error
    return SketchDeskError(kind, what, str(error))


def _of_status(error: HfHubHTTPError, what: str) -> SketchDeskError:
    status = error.response.status_code
    if status in (401, 403):
        return SketchDeskError(ErrorKind.HUB_DENIED, what, str(error))
    if status in (404, 410):
        return SketchDeskError(ErrorKind.HUB_NOT_FOUND, what, str(error))
    if status == 429:
        return SketchDeskError(ErrorKind.HUB_BUSY, wait_text(asked_wait_s(error) or 60), str(error))
    return SketchDeskError(ErrorKind.HUB_FAILED, str(status), str(error))


def asked_wait_s(error: Exception) -> float | None:
    """Return how many seconds the hub asks to wait, None where it does not say or there was no answer."""
    if not isinstance(error, HfHubHTTPError):
        return None
    text = error.response.headers.get("Retry-After", "").strip()
    return float(text) if text.isdecimal() else None


def may_pass(error: Exception) -> bool:
    """Tell whether asking again may help: a broken connection, a busy or failing server."""
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code in PASSING
    return isinstance(error, httpx2.TransportError)


def wait_text(seconds: float) -> str:
    """Return a time to wait in words."""
    if seconds < 120:
        count = round(seconds)
        return ngettext("{count} second", "{count} seconds", count).format(count=count)
    count = round(seconds / 60)
    return ngettext("{count} minute", "{count} minutes", count).format(count=count)
