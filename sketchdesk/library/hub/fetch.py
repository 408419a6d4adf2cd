"""A model from the hub to the data folder: asked for, chosen, fetched, checked, put together, then there at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors
from sketchdesk.library.files.loose import mapping
from sketchdesk.library.files.moving import free_name
from sketchdesk.library.hub.cache import cached_file, copy, link
from sketchdesk.library.hub.choosing import files_needed, lone_file, one_file, precision_taken
from sketchdesk.library.hub.files import HubFile, Repository
from sketchdesk.library.hub.known import model_name
from sketchdesk.library.hub.listener import Listener
from sketchdesk.library.hub.manifest import Manifest, has_all, manifest_path, read_manifest, write_manifest
from sketchdesk.library.hub.partial_file import matches
from sketchdesk.library.hub.patience import Patience
from sketchdesk.library.hub.repository import look_up, url_of
from sketchdesk.library.hub.room import require_room
from sketchdesk.library.hub.staging import Staging
from sketchdesk.library.hub.transfer import transfer
from sketchdesk.library.models.installed import check_model, resolve_model
from sketchdesk.library.models.kind import PIPELINE_FILE
from sketchdesk.library.paths import models_dir

_TRY_NEXT = {
    ErrorKind.HUB_NOT_FOUND, ErrorKind.HUB_GATED, ErrorKind.HUB_DENIED, ErrorKind.HUB_FAILED, ErrorKind.WRONG_BYTES,
    ErrorKind.UNSAFE_WEIGHTS,
}  # fmt: skip
"""Failures of one repository, which its mirrors may not have."""
_NO_HUB = {ErrorKind.HUB_OFFLINE, ErrorKind.HUB_UNREACHABLE}


class Fetched(Struct, frozen=True, kw_only=True):
    """A model that is here."""

    path: Path
    repo: str
    commit: str = ""
    size_bytes: int = 0


def fetch_model(job: DownloadJob, listener: Listener, patience: Patience | None = None) -> Fetched:
    """Fetch a model, trying the mirrors in their order; one that is here already is left as it is.

    Whatever ends it, what has arrived is kept and the next call goes on from there. Raises SketchDeskError: HUB_…,
    WRONG_BYTES, UNSAFE_WEIGHTS, MODEL_UNREADABLE, DISK_SHORT, DISK_FULL, NOT_WRITABLE, BAD_INPUT; and what the
    listener raises.
    """
    name = model_name(job)
    failures: list[SketchDeskError] = []
    for number, repo in enumerate(job.repos):
        listener.stage("asking", number, len(job.repos))
        try:
            repository = look_up(repo, job.revision, listener, patience or Patience())
            wanted = job if job.file else msgspec.structs.replace(job, file=lone_file(repository))
            return _Download(wanted, model_name(wanted), repository, listener, patience or Patience()).run()
        except SketchDeskError as error:
            if error.kind in _NO_HUB and (here := _here(job, name)):
                listener.notice(_("The hub was not asked; “{name}” is here already.").format(name=name))
                return here
            if error.kind not in _TRY_NEXT:
                raise
            failures.append(error)
            if number + 1 < len(job.repos):
                text = _("{problem} Trying {next}.")
                listener.notice(text.format(problem=error.message, next=job.repos[number + 1]))
    raise _telling(failures)


class _Download:
    """One model from one repository."""

    def __init__(
        self, job: DownloadJob, name: str, repository: Repository, listener: Listener, patience: Patience
    ) -> None:
        self._job, self._repository, self._listener, self._patience = job, repository, listener, patience
        self._target = models_dir() / name
        self._staging = Staging(name)
        self._done = self._total = 0

    def run(self) -> Fetched:
        with self._staging.locked():
            self._staging.remember(self._job)
            files = self._choose()
            if here := self._is_here(files):
                self._staging.clear()
                return here
            if self._repository.licence:
                self._listener.notice(_("Licence: {licence}").format(licence=self._repository.licence))
            self._fetch(files)
            return self._show(files)

    def _choose(self) -> tuple[HubFile, ...]:
        if self._job.file:
            return one_file(self._repository, self._job.file)
        index = next((file for file in self._repository.files if file.path == PIPELINE_FILE), None)
        return files_needed(self._repository, self._read(index) if index else None, self._job.weights)

    def _read(self, index: HubFile) -> dict[str, Any]:
        """Fetch model_index.json, which says what else is needed, and return it."""
        commit = self._repository.commit
        if not self._staging.has(index, commit):
            self._transfer(index)
        placed = self._staging.whole(commit) / index.path
        path = placed if placed.is_file() else self._staging.finished(index)
        try:
            return mapping(msgspec.json.decode(path.read_bytes()))
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, self._repository.name, str(error)) from error

    def _is_here(self, files: Sequence[HubFile]) -> Fetched | None:
        manifest = read_manifest(self._target)
        if manifest is None or set(manifest.files) != set(files) or not has_all(self._target, manifest):
            return None
        self._listener.notice(_("“{name}” is here already.").format(name=self._target.name))
        return _fetched(self._target, manifest)

    def _fetch(self, files: Sequence[HubFile]) -> None:
        """Bring every file here: those of other programs first, then those that the hub must give."""
        commit = self._repository.commit
        self._total = sum(file.size_bytes for file in files)
        missing = [file for file in files if not self._staging.has(file, commit)]
        self._done = self._total - sum(file.size_bytes for file in missing)
        missing = self._take_from_cache(missing)
        self._check_room(missing)
        self._listener.stage("downloading")
        for file in sorted(missing, key=lambda file: file.size_bytes):
            if self._staging.has(file, commit):
                self._tell(file.size_bytes)  # the same content under another name
            else:
                self._transfer(file)

    def _take_from_cache(self, files: Sequence[HubFile]) -> list[HubFile]:
        """Take what the hub's cache has, checked like the rest, and return what is still missing.

        What cannot be linked is copied to where it would arrive: whole or not, the download goes on from there.
        """
        cached = {file: blob for file in files if (blob := cached_file(file)) is not None}
        if not cached:
            return list(files)
        self._listener.stage("checking")
        for file, blob in cached.items():
            before = self._done
            place = self._staging.finished(file)
            # Checked before it lies there: what lies there counts as right, also after a stop in between.
            is_right = not place.exists() and self._is_right(blob, file)
            if is_right and link(blob, place):
                continue
            self._done = before
            if is_right:
                self._check_room([file])
                copy(blob, self._staging.part(file), self._listener.check)
        return [file for file in files if not self._staging.has(file, self._repository.commit)]

    def _is_right(self, blob: Path, file: HubFile) -> bool:
        try:
            return matches(blob, file, self._tell)
        except OSError:  # gone meanwhile, or not ours to read
            return False

    def _check_room(self, files: Sequence[HubFile]) -> None:
        needed = sum(file.size_bytes - self._staging.bytes_of_part(file) for file in files)
        require_room(models_dir(), needed)

    def _transfer(self, file: HubFile) -> None:
        part = self._staging.part(file)
        if self._staging.bytes_of_part(file):
            self._listener.stage("checking")
        place = self._staging.finished(file)
        transfer(url_of(self._repository, file), file, part, place, self._listener, self._patience, self._tell)

    def _tell(self, count: int) -> None:
        self._done += count
        if self._total:
            self._listener.bytes_done(self._done, self._total)

    def _show(self, files: Sequence[HubFile]) -> Fetched:
        """Put the model together and give it its name, by which it is there."""
        manifest = Manifest(
            repo=self._repository.name, revision=self._job.revision, commit=self._repository.commit,
            licence=self._repository.licence, weights=precision_taken(files),
            fetched=datetime.now(UTC).isoformat(timespec="seconds"), files=tuple(files),
        )  # fmt: skip
        made = self._staging.put_together(files, self._repository.commit)
        made = made / self._job.file if self._job.file else made
        check_model(made)
        target = free_name(self._target)
        beside = manifest_path(made) if made.is_dir() else target.with_name(f".{target.name}.download.json")
        write_manifest(beside, manifest)
        with disk_errors(target):
            made.rename(target)
        self._staging.clear()
        return _fetched(target, manifest)


def _fetched(path: Path, manifest: Manifest) -> Fetched:
    return Fetched(path=path, repo=manifest.repo, commit=manifest.commit, size_bytes=manifest.size_bytes)


def _here(job: DownloadJob, name: str) -> Fetched | None:
    """Return the model where it can be used without the hub: fetched earlier, or in the hub's cache."""
    target = models_dir() / name
    manifest = read_manifest(target)
    if manifest and manifest.repo in job.repos and has_all(target, manifest):
        return _fetched(target, manifest)
    for repo in job.repos if not job.file else ():
        try:
            return Fetched(path=resolve_model(repo), repo=repo)
        except SketchDeskError:
            continue
    return None


def _telling(failures: Sequence[SketchDeskError]) -> SketchDeskError:
    """Return the failure that says most: a model that is somewhere, but not given, more than one that is nowhere."""
    known = [error for error in failures if error.kind is not ErrorKind.HUB_NOT_FOUND]
    best = (known or list(failures))[0]
    best.details = "\n\n".join(f"{error.message}\n{error.details}" for error in failures)
    return best
