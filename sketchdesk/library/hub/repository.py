"""What a repository of the hub holds: its files with their sizes and checksums, at one commit."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TypeVar

import httpx2
from huggingface_hub import HfApi, hf_hub_url
from huggingface_hub.hf_api import DatasetInfo, ModelInfo
from huggingface_hub.utils._validators import validate_repo_id

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.hub.files import HubFile, Repository, RepositoryKind
from sketchdesk.library.hub.hub_errors import asked_wait_s, may_pass, named, wait_text
from sketchdesk.library.hub.listener import Listener
from sketchdesk.library.hub.patience import Patience, wait

DEFAULT_ENDPOINT = "https://huggingface.co"

_CHECKSUM = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")

Answer = TypeVar("Answer")


def url_of(repository: Repository, file: HubFile) -> str:
    """Return where a file's bytes are asked for."""
    return hf_hub_url(
        repository.name, file.path, repo_type=repository.kind, revision=repository.commit, endpoint=endpoint()
    )


def endpoint() -> str:
    """Return the hub's address: $HF_ENDPOINT, else the public one."""
    return os.environ.get("HF_ENDPOINT", "").rstrip("/") or DEFAULT_ENDPOINT


def is_offline() -> bool:
    """Tell whether the person forbade to ask the hub, as its own client reads HF_HUB_OFFLINE."""
    return os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}


def look_up(
    name: str, revision: str, listener: Listener, patience: Patience, kind: RepositoryKind = "model"
) -> Repository:
    """Ask the hub for a repository. Raises SketchDeskError: HUB_… or BAD_INPUT for what is no repository's name."""
    if is_offline():
        raise SketchDeskError(ErrorKind.HUB_OFFLINE, name)

    def ask() -> ModelInfo | DatasetInfo:
        validate_repo_id(name)
        hub = HfApi(endpoint())
        info = hub.model_info if kind == "model" else hub.dataset_info
        return info(name, revision=revision, files_metadata=True, timeout=patience.silence_s)

    return _repository(name, patiently(ask, name, listener, patience), kind)


def patiently(ask: Callable[[], Answer], what: str, listener: Listener, patience: Patience) -> Answer:
    """Ask until there is an answer, waiting as long as the hub asks for. Raises SketchDeskError."""
    failures = 0
    while True:
        listener.check()
        try:
            return ask()
        except (httpx2.HTTPError, OSError, ValueError) as error:
            failures += 1
            pause(error, failures, what, listener, patience)


def pause(error: Exception, failures: int, what: str, listener: Listener, patience: Patience) -> None:
    """Wait before the next try, or raise the failure by its name where another try would not help."""
    asked_s = asked_wait_s(error)
    wait_s = patience.wait_s(failures)
    if not may_pass(error) or wait_s is None or (asked_s or 0) > patience.longest_asked_s:
        raise named(error, what) from error
    if asked_s:
        listener.notice(_("The hub asks to wait {time}; the download goes on then.").format(time=wait_text(asked_s)))
    wait(asked_s or wait_s, listener.check)


def _repository(name: str, info: ModelInfo | DatasetInfo, kind: RepositoryKind) -> Repository:
    """Return what the hub said. Raises HUB_FAILED for checksums that are none: they become names of files here."""
    files = tuple(
        HubFile(
            path=found.rfilename, size_bytes=found.size or 0,
            digest=found.lfs.sha256 if found.lfs else found.blob_id or "",
        )
        for found in info.siblings or ()
        if _is_plain(found.rfilename)
    )  # fmt: skip
    strange = [told for told in (info.sha or "", *(file.digest for file in files)) if not _CHECKSUM.fullmatch(told)]
    if strange:
        raise SketchDeskError(ErrorKind.HUB_FAILED, name, f"not a checksum: {strange[0]!r}")
    card = vars(info.card_data) if info.card_data else {}
    licence = card.get("license_name") or card.get("license") or ""
    return Repository(name=name, commit=str(info.sha), licence=str(licence), files=files, kind=kind)


def _is_plain(path: str) -> bool:
    """Tell whether a path stays inside the folder it is put into, on every system."""
    parts = path.split("/")
    return bool(path) and not any(part in ("", ".", "..") or "\\" in part or ":" in part for part in parts)
