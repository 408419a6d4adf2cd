"""Going through a set's pictures: each decoded once, in threads, in order; facts are remembered while files last."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct
from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.dataset.facts import PictureFacts, decoded, examine, read_bytes
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.library.dataset.items import Item, Picture, as_text, unreadable_set
from sketchdesk.library.files.atomic import write_bytes
from sketchdesk.library.images.metadata import unreadable_errors
from sketchdesk.library.paths import cache_dir
from sketchdesk.library.system import usable_processors

AHEAD = 2
"""Pictures under way a thread: enough to keep it busy, few enough to lie in memory."""
VERSION = 1
"""Of what is remembered; another one is looked at anew."""


State = tuple[int, int]


class Remembered(Struct, frozen=True, array_like=True):
    """Facts of a file, and what the file was like then."""

    size_bytes: int
    changed_ns: int
    facts: PictureFacts


class _File(Struct, frozen=True):
    version: int
    pictures: dict[str, Remembered]


class FactsMemory:
    """The facts of a set's files, kept in the data folder's cache; it can be deleted at any time."""

    def __init__(self, set_name: str) -> None:
        self._path = cache_dir() / "facts" / f"{hashlib.sha256(set_name.encode()).hexdigest()[:24]}.msgpack"
        self._pictures: dict[str, Remembered] = {}
        self._changed = False
        with suppress(OSError, msgspec.MsgspecError):
            found = msgspec.msgpack.decode(self._path.read_bytes(), type=_File)
            if found.version == VERSION:
                self._pictures = found.pictures

    def of(self, picture: Picture) -> PictureFacts | None:
        """Return what is known of a file that has not changed since."""
        if not isinstance(picture, Path) or (known := self._pictures.get(as_text(picture))) is None:
            return None
        return known.facts if (known.size_bytes, known.changed_ns) == state_of(picture) else None

    def note(self, picture: Picture, state: State | None, facts: PictureFacts) -> None:
        """Remember a file's facts, and what it was like before it was read: it may change while it is."""
        if isinstance(picture, Path) and state is not None:
            self._pictures[as_text(picture)] = Remembered(*state, facts)
            self._changed = True

    def save(self) -> None:
        """Write it down, where there is room: it is a convenience."""
        if self._changed:
            with suppress(SketchDeskError):
                write_bytes(self._path, msgspec.msgpack.encode(_File(VERSION, self._pictures)))
            self._changed = False


class Looked:
    """An item and its facts; its picture too, while it is at hand."""

    def __init__(self, item: Item, facts: PictureFacts, picture: Image.Image | None = None) -> None:
        self.item, self.facts, self._picture = item, facts, picture

    def picture(self) -> Image.Image:
        """Return the picture as it is trained on; read again where only its facts were at hand.

        Raises SketchDeskError(DATASET_UNREADABLE) where it is not any more what the facts are about.
        """
        if self._picture is not None:
            return self._picture
        try:
            data = read_bytes(self.item.read())
            if hashlib.sha256(data).hexdigest() != self.facts.digest:
                raise ValueError("it has changed since it was looked at")
            return decoded(data)
        except unreadable_errors() as error:
            raise unreadable_set(self.item.key, f"{type(error).__name__}: {error}") from error


def look_at(items: Iterable[Item], memory: FactsMemory, threads: int | None = None) -> Iterator[Looked]:
    """Yield every item in order with its facts, unreadable ones too.

    Decoding happens ahead in `threads`, as many as there are processors (at most eight) unless given. Stops cleanly
    wherever the caller stops; what was learnt till then is remembered.
    """
    count = threads or min(8, usable_processors())
    under_way: deque[Future[Looked]] = deque()
    pool = ThreadPoolExecutor(count, thread_name_prefix="look")
    try:
        for item in items:
            under_way.append(pool.submit(_look, item, memory))
            if len(under_way) >= count * AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
        memory.save()


def _look(item: Item, memory: FactsMemory) -> Looked:
    try:
        place = item.read()
        if (known := memory.of(place)) is not None:
            return Looked(item, known)
        state = state_of(place) if isinstance(place, Path) else None
        data = read_bytes(place)
    except (OSError, ValueError) as error:
        flaw = Flaw.MISSING if isinstance(error, FileNotFoundError) else Flaw.UNREADABLE
        return Looked(item, PictureFacts(flaws=(flaw,), reason=as_text(f"{type(error).__name__}: {error}")))
    facts, picture = examine(data)
    memory.note(place, state, facts)
    return Looked(item, facts, picture)


def state_of(path: Path) -> State | None:
    """Return a file's size in bytes and when it was changed, in ns; None where it cannot be asked."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_size, found.st_mtime_ns
