"""One file from the hub to the disk, going on wherever an earlier try, process or day stopped.

A part needs no If-Range: it is named by the checksum of what it will be, and the address names a commit, so there is no
other version it could be continued with; the hub's redirects lead to servers whose ETags are their own. What matters is
decided at the end, by the checksum. A server that answers a Range with the whole file is taken at its word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import httpx2
from huggingface_hub.utils._headers import build_hf_headers
from huggingface_hub.utils._http import get_session, hf_raise_for_status

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.hub.files import HubFile
from sketchdesk.library.hub.listener import Listener
from sketchdesk.library.hub.partial_file import PartialFile
from sketchdesk.library.hub.patience import Patience
from sketchdesk.library.hub.repository import pause

WRONG_TRIES = 2
"""How often a file is fetched from its first byte before it counts as wrong at its source."""

_RANGE = re.compile(r"bytes (\d+)-\d+/(?:\d+|\*)")


def transfer(
    url: str, file: HubFile, part: Path, target: Path, listener: Listener, patience: Patience,
    tell: Callable[[int], None],
) -> None:  # fmt: skip
    """Fetch a file into `part` and, once its checksum is right, name it `target`.

    `tell` hears of new bytes, and of bytes that turned out to be worthless (a negative number). Raises
    SketchDeskError: HUB_…, WRONG_BYTES, DISK_FULL, NOT_WRITABLE; and what `tell` and the listener raise.
    """
    with PartialFile(part, file, listener.check) as growing:
        if growing.size:
            listener.stage("downloading")  # the speed counts from here: what was there already came in no time
            tell(growing.size)
        for _try in range(WRONG_TRIES):
            _fill(url, file, growing, listener, patience, tell)
            if growing.is_right():
                growing.save_as(target)
                return
            # What is wrong may have been left by an earlier process, or have come over a bad line.
            tell(-growing.size)
            growing.start_again()
    part.unlink(missing_ok=True)
    raise SketchDeskError(ErrorKind.WRONG_BYTES, file.path, f"{url}\nexpected {file.digest}")


def _fill(
    url: str, file: HubFile, growing: PartialFile, listener: Listener, patience: Patience, tell: Callable[[int], None]
) -> None:
    failures = 0
    while not growing.is_whole():
        listener.check()
        before = growing.size
        try:
            for chunk in _stream(url, growing, patience, tell):
                growing.append(chunk)
                tell(len(chunk))
                if growing.is_whole():  # a server that sends more would never end
                    break
            error: Exception | None = None if growing.is_whole() else httpx2.ReadError("the answer ended too early")
        except (httpx2.HTTPError, httpx2.StreamError) as raised:
            error = raised
        if error is not None:
            failures = 1 if growing.size > before else failures + 1
            pause(error, failures, file.path, listener, patience)


def _stream(url: str, growing: PartialFile, patience: Patience, tell: Callable[[int], None]) -> Iterator[bytes]:
    """Yield the bytes that are still missing, as they come in."""
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if growing.size:
        headers["Range"] = f"bytes={growing.size}-"
    with get_session().stream("GET", url, headers=headers, timeout=patience.silence_s) as response:
        if growing.size and not _continues(response, growing.size):
            tell(-growing.size)
            growing.start_again()
            if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
                return
        hf_raise_for_status(response)
        yield from response.iter_raw()


def _continues(response: httpx2.Response, at: int) -> bool:
    """Tell whether an answer goes on where it was asked to; an error says nothing about that."""
    if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return False
    if response.is_error:
        return True
    found = _RANGE.match(response.headers.get("Content-Range", ""))
    return response.status_code == HTTPStatus.PARTIAL_CONTENT and found is not None and int(found[1]) == at
