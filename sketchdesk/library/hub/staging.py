"""Where a download gathers its files until it has them all: a hidden folder beside the models, on their disk."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DownloadJob
from sketchdesk.contracts.reading import reader
from sketchdesk.contracts.text import _
from sketchdesk.library.files.atomic import disk_errors, write_json
from sketchdesk.library.hub.files import HubFile
from sketchdesk.library.paths import models_dir

STAGING = ".downloads"
PART_SUFFIX = ".part"
_LOCK, _JOB = ".lock", "job.json"


class Staging:
    """The folder of one download. A finished file lies there under its checksum, an unfinished one as .part.

    The names say what is in them whatever repository it came from: a mirror goes on where another one stopped.
    """

    def __init__(self, name: str) -> None:
        self.folder = models_dir() / STAGING / name

    def remember(self, job: DownloadJob) -> None:
        """Note what is being fetched, so that it can be taken up again. Raises SketchDeskError(DISK_FULL, …)."""
        write_json(self.folder / _JOB, job)

    def job(self) -> DownloadJob | None:
        """Return what was being fetched, None where the note is missing or of another version."""
        try:
            return reader(DownloadJob).decode((self.folder / _JOB).read_bytes())
        except (OSError, msgspec.DecodeError, UnicodeError):
            return None

    def part(self, file: HubFile) -> Path:
        """Return where a file grows."""
        return self.folder / f"{file.digest}{PART_SUFFIX}"

    def finished(self, file: HubFile) -> Path:
        """Return where a file lies once it is right."""
        return self.folder / file.digest

    def whole(self, commit: str) -> Path:
        """Return the folder in which the model is put together."""
        return self.folder / f"whole-{commit[:12]}"

    def has(self, file: HubFile, commit: str) -> bool:
        """Tell whether a file is there, or has its place in the model already."""
        placed = self.whole(commit) / file.path
        return any(path.is_file() and path.stat().st_size == file.size_bytes for path in (self.finished(file), placed))

    def bytes_of_part(self, file: HubFile) -> int:
        """Return how much of a file has come."""
        with suppress(OSError):
            return min(file.size_bytes, self.part(file).stat().st_size)
        return 0

    def put_together(self, files: Sequence[HubFile], commit: str) -> Path:
        """Give every file its place in the model, and return the model. Raises SketchDeskError(DISK_FULL, …)."""
        folder = self.whole(commit)
        left = Counter(file.digest for file in files if self.finished(file).is_file())
        for file in files:
            place, source = folder / file.path, self.finished(file)
            if not source.is_file():
                continue  # placed by a process that was stopped here
            left[file.digest] -= 1
            with disk_errors(place):
                place.parent.mkdir(parents=True, exist_ok=True)
                if left[file.digest]:  # two places for one content, as tokenizers have it
                    shutil.copyfile(source, place)
                else:
                    source.replace(place)
        return folder

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other process out. Raises SketchDeskError(BAD_INPUT) where one is at work, NOT_WRITABLE."""
        from filelock import FileLock, Timeout  # here: the window lists downloads as it starts, and locks none

        with disk_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / _LOCK)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                text = _("“{name}” is being downloaded already.").format(name=self.folder.name)
                raise SketchDeskError(ErrorKind.BAD_INPUT, text) from None
        try:
            yield
        finally:
            lock.release()

    def clear(self) -> None:
        """Delete whatever is left of the download."""
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):
            self.folder.parent.rmdir()


class Unfinished(Struct, frozen=True, kw_only=True):
    """A download that was stopped."""

    name: str
    size_bytes: int
    """What has arrived."""
    job: DownloadJob | None = None
    """What takes it up again."""


def unfinished_downloads() -> list[Unfinished]:
    """Return the downloads that were begun and not finished, at work or not, by name."""
    folders = [path for path in sorted((models_dir() / STAGING).glob("*")) if path.is_dir()]
    # Where a lock cannot be deleted while it is held (Windows), it stays when all the rest was cleared away.
    return [_unfinished(folder) for folder in folders if any(path.name != _LOCK for path in folder.glob("*"))]


def discard(name: str) -> int:
    """Delete what has arrived of a download and return how many bytes that was.

    Raises SketchDeskError: BAD_INPUT where there is none, or it is at work.
    """
    found = next((one for one in unfinished_downloads() if one.name == name), None)
    if found is None:
        text = _("There is no unfinished download “{name}”.").format(name=name)
        raise SketchDeskError(ErrorKind.BAD_INPUT, text)
    staging = Staging(name)
    with staging.locked():
        pass  # nobody is at work
    staging.clear()
    return found.size_bytes


def _unfinished(folder: Path) -> Unfinished:
    return Unfinished(name=folder.name, size_bytes=_size(folder), job=Staging(folder.name).job())


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size if path.is_file() else 0
    return total
