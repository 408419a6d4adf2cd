"""Data sets of the hub whose rows lie in parquet files: fetched as models are, checked, and kept for without a network.

`datasets` says which files make the train split, since a repository's card may say so in many ways. It would fetch them
too, but without comparing a checksum, and could not be stopped or say how far it is.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors, write_json
from sketchdesk.library.hub.files import HubFile, Repository
from sketchdesk.library.hub.listener import Listener
from sketchdesk.library.hub.patience import Patience
from sketchdesk.library.hub.repository import look_up, url_of
from sketchdesk.library.hub.room import require_room
from sketchdesk.library.hub.transfer import transfer
from sketchdesk.library.paths import cache_dir

SPLIT = "train"
REVISION = "main"
LOOK_S = 0.2
"""How often it is looked whether another process is done with the same set."""

NO_HUB = {ErrorKind.HUB_OFFLINE, ErrorKind.HUB_UNREACHABLE}
"""Failures after which what is here may serve."""
_NOTE, _LOCK, _PARTS = "set.json", ".lock", ".parts"


class _Set(Struct, frozen=True, kw_only=True):
    """A set that is here whole."""

    commit: str
    files: tuple[HubFile, ...]


def fetch_set(name: str, listener: Listener, patience: Patience | None = None) -> tuple[Path, ...] | None:
    """Fetch owner/name and return the parquet files of its train split in order; None for a set of another layout.

    What is here is not fetched again, and serves where the hub cannot be asked. Whatever ends it, what has arrived is
    kept and the next call goes on from there. Raises SketchDeskError: HUB_…, WRONG_BYTES, DISK_SHORT, DISK_FULL,
    NOT_WRITABLE; what `datasets` raises for a repository it cannot make sense of; and what the listener raises.
    """
    place = place_of(name)
    patience = patience or Patience()
    listener.stage("asking")
    try:
        repository = look_up(name, REVISION, listener, patience, kind="dataset")
    except SketchDeskError as error:
        if error.kind not in NO_HUB or (here := files_here(name)) is None:
            raise
        listener.notice(_("The hub was not asked; “{name}” is here already.").format(name=name))
        return here
    with _alone(place, listener):
        known = _read(place)
        if known is None or known.commit != repository.commit:
            files = _train_files(name, repository)
            if files is None:
                return None
            known = _Set(commit=repository.commit, files=files)
        _fetch(place, repository, known.files, listener, patience)
        write_json(place / _NOTE, known)
        _forget_others(place, known.commit)
    return files_here(name)


def files_here(name: str) -> tuple[Path, ...] | None:
    """Return the parquet files of a set that was fetched, None where it is not here whole."""
    place = place_of(name)
    known = _read(place)
    if known is None or not all(_is_here(place, known.commit, file) for file in known.files):
        return None
    return tuple(_path(place, known.commit, file) for file in known.files)


def place_of(name: str) -> Path:
    """Return the folder that a set is fetched into; it can be deleted at any time."""
    return cache_dir() / "sets" / name.replace("/", "--")


def _read(place: Path) -> _Set | None:
    try:
        return reader(_Set).decode((place / _NOTE).read_bytes())
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None


def _path(place: Path, commit: str, file: HubFile) -> Path:
    return place / commit[:12] / file.path


def _is_here(place: Path, commit: str, file: HubFile) -> bool:
    try:
        return _path(place, commit, file).stat().st_size == file.size_bytes
    except OSError:
        return False


def _train_files(name: str, repository: Repository) -> tuple[HubFile, ...] | None:
    """Return the files of the train split as `datasets` finds them, None where they are no parquet."""
    import datasets
    from datasets.packaged_modules.parquet.parquet import Parquet

    builder = datasets.load_dataset_builder(name, revision=repository.commit)
    if not isinstance(builder, Parquet):
        return None
    urls = (builder.config.data_files or {}).get(SPLIT, ())
    paths = [url.partition(f"@{repository.commit}/")[2] for url in map(str, urls)]
    known = {file.path: file for file in repository.files}
    return tuple(known[path] for path in paths) if paths and all(path in known for path in paths) else None


def _fetch(
    place: Path, repository: Repository, files: Sequence[HubFile], listener: Listener, patience: Patience
) -> None:
    missing = [file for file in files if not _is_here(place, repository.commit, file)]
    total = sum(file.size_bytes for file in files)
    done = total - sum(file.size_bytes for file in missing)
    parts = {file: place / _PARTS / file.digest for file in missing}
    arrived = sum(part.stat().st_size for part in parts.values() if part.is_file())
    require_room(place, sum(file.size_bytes for file in missing) - arrived)

    def tell(count: int) -> None:
        nonlocal done
        done += count
        listener.bytes_done(done, total)

    listener.stage("downloading")
    for file in missing:
        target = _path(place, repository.commit, file)
        transfer(url_of(repository, file), file, parts[file], target, listener, patience, tell)


def _forget_others(place: Path, commit: str) -> None:
    """Delete what earlier states of the set left."""
    for folder in place.iterdir():
        if folder.is_dir() and folder.name != commit[:12]:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone(place: Path, listener: Listener) -> Iterator[None]:
    """Wait until no other process fetches the same set; it is here then. Raises what the listener's check does."""
    from filelock import FileLock, Timeout

    with disk_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        lock = FileLock(place / _LOCK)
        while True:
            try:
                lock.acquire(timeout=LOOK_S)
                break
            except Timeout:
                listener.check()
    try:
        yield
    finally:
        lock.release()
