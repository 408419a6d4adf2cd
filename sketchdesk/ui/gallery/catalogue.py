"""What the gallery knows of the images: asked and changed in threads, told by signals."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.index import GalleryImage, ImageIndex, Query
from sketchdesk.library.paths import index_file
from sketchdesk.library.stars import Stars
from sketchdesk.library.trash import TrashBatch, move_to_trash, restore
from sketchdesk.ui.gallery.index_thread import IndexThread

NEWS_MS = 100
"""Images that were just drawn are taken in this often, however fast they come."""
WALK_MS = 1000
"""How often the gallery looks again while the folders are read through."""


@dataclass(frozen=True)
class Found:
    """The answer to a query."""

    query: Query
    ids: array[int]
    """In the query's order."""
    total: int
    """Of all images there are."""
    starred: int
    models: tuple[tuple[str, int], ...]
    """Every model and how many images it drew."""
    runs: tuple[tuple[str, int], ...]
    scores: tuple[float, float] | None
    """The least and the largest CLIP score there is."""


@dataclass
class _News:
    """What happened since it was last taken in."""

    saved: dict[Path, str]
    scored: dict[Path, tuple[dict[str, float], str | None]]


class Catalogue(QObject):
    """The images of some folders and of all runs. End it with shutdown().

    Of the questions asked with look() only the last is answered; when the images change it is answered again.

    Signals:
        found(Found): What the last look() finds now.
        read(list[GalleryImage]): Images that fetch() asked for.
        stale(): What is known of images that were read before may have changed.
        walking(bool): The folders are being read through, or that is done.
        trashed(TrashBatch), restored(TrashBatch): Files moved.
        failed(SketchDeskError): Something could not be done.
    """

    found = Signal(object)
    read = Signal(object)
    stale = Signal()
    walking = Signal(bool)
    trashed = Signal(object)
    restored = Signal(object)
    failed = Signal(object)

    def __init__(self, folders: Sequence[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        places = tuple(folders)
        self._reader, self._writer, self._walker = (IndexThread(index_file(), places, self) for _ in range(3))
        for thread in self._threads:
            thread.failed.connect(self._on_failed)
        self._query = Query()
        self._asking = self._again = False
        self._walks = False
        self._news = _News({}, {})
        self._news_timer = QTimer(self, interval=NEWS_MS, singleShot=True)
        self._news_timer.timeout.connect(self._take_in_news)
        self._walk_timer = QTimer(self, interval=WALK_MS)
        self._walk_timer.timeout.connect(self._look_again)

    # --- asking --------------------------------------------------------------------------------------------------

    @property
    def query(self) -> Query:
        """What is looked for."""
        return self._query

    def look(self, query: Query) -> None:
        """Look for images from now on."""
        self._query = query
        self._look_again()

    def fetch(self, ids: Iterable[int]) -> None:
        """Read some images; they come by `read`."""
        wanted = list(ids)
        self._reader.ask(lambda index: index.images(wanted), self.read.emit)

    def ask(self, work: Callable[[ImageIndex], Any], then: Callable[[Any], object]) -> None:
        """Ask anything else; `work` runs in a thread, `then` is given its result in this one."""
        self._reader.ask(work, then)

    # --- changing ------------------------------------------------------------------------------------------------

    def walk(self) -> None:
        """Read the folders through for what is new, changed and gone."""
        if self._walks:
            return
        self._walks = True
        self._walk_timer.start()
        self.walking.emit(True)
        self._walker.ask(partial(_walk, self._walker), self._on_walked)

    def image_saved(self, path: Path, run: str) -> None:
        """Take in an image that was just drawn, soon."""
        self._news.saved[path] = run
        self._news_later()

    def image_scored(self, path: Path, values: dict[str, float], caption: str | None) -> None:
        """Take in an image's scores, soon."""
        self._news.scored[path] = (values, caption)
        self._news_later()

    def star(self, ids: Iterable[int]) -> None:
        """Star the images, or take the stars away if all have one."""
        self._writer.ask(partial(_star, list(ids)), self._on_changed)

    def trash(self, ids: Iterable[int]) -> None:
        """Move the images' files to the trash."""
        self._writer.ask(partial(_trash, list(ids)), self._on_trashed)

    def restore(self, batch: TrashBatch) -> None:
        """Bring back what went to the trash."""
        self._writer.ask(partial(_restore, batch), self._on_restored)

    def gone(self, paths: Iterable[Path]) -> None:
        """Take note that files may have vanished."""
        self._writer.ask(partial(_look_at, list(paths)), self._on_changed)

    def shutdown(self) -> None:
        """End the threads; nothing is told any more."""
        self._news_timer.stop()
        self._walk_timer.stop()
        for thread in self._threads:
            thread.close()

    # --- inside --------------------------------------------------------------------------------------------------

    @property
    def _threads(self) -> tuple[IndexThread, ...]:
        return self._reader, self._writer, self._walker

    @Slot()
    def _look_again(self) -> None:
        if self._asking:
            self._again = True
            return
        self._asking, self._again = True, False
        self._reader.ask(partial(_find, self._query), self._on_found)

    def _on_found(self, found: Found) -> None:
        self._asking = False
        if self._again:
            self._look_again()
        if found.query == self._query:
            self.found.emit(found)

    def _on_changed(self, _result: object = None) -> None:
        self.stale.emit()
        self._look_again()

    def _on_walked(self, _changed: int) -> None:
        self._end_walk()
        self._on_changed()

    def _end_walk(self) -> None:
        self._walks = False
        self._walk_timer.stop()
        self.walking.emit(False)

    def _on_trashed(self, batch: TrashBatch) -> None:
        self.trashed.emit(batch)
        self._on_changed()

    def _on_restored(self, batch: TrashBatch) -> None:
        self.restored.emit(batch)
        self._on_changed()

    def _news_later(self) -> None:
        if not self._news_timer.isActive():
            self._news_timer.start()

    @Slot()
    def _take_in_news(self) -> None:
        news, self._news = self._news, _News({}, {})
        self._writer.ask(partial(_take_in, news), self._on_changed)

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        sender = self.sender()
        if sender is self._reader:
            self._asking = False
        elif sender is self._walker:
            self._end_walk()
        self.failed.emit(error)


def _find(query: Query, index: ImageIndex) -> Found:
    return Found(
        query=query,
        ids=index.ids(query),
        total=index.count(Query()),
        starred=index.count(Query(starred=True)),
        models=tuple(index.models()),
        runs=tuple(index.runs()),
        scores=index.score_range(),
    )


def _walk(thread: IndexThread, index: ImageIndex) -> int:
    return index.refresh(thread.check_open)


def _take_in(news: _News, index: ImageIndex) -> None:
    for path, run in news.saved.items():
        index.add_image(path, run)
    for path, (values, caption) in news.scored.items():
        index.set_scores(path, values, caption)


def _paths(ids: list[int], index: ImageIndex) -> list[Path]:
    images: list[GalleryImage] = index.images(ids)
    return [image.path for image in images]


def _star(ids: list[int], index: ImageIndex) -> None:
    stars = Stars.load()
    stars.toggle(_paths(ids, index))
    index.mirror_stars(stars.paths)


def _trash(ids: list[int], index: ImageIndex) -> TrashBatch:
    paths = _paths(ids, index)
    try:
        return move_to_trash(paths)
    finally:  # also where the disk refuses half-way: what has moved is gone from here
        index.mirror_stars(Stars.load().paths)
        index.add_images(paths)


def _restore(batch: TrashBatch, index: ImageIndex) -> TrashBatch:
    back = restore(batch)
    index.mirror_stars(Stars.load().paths)
    index.add_images(back.values())
    if renamed := {old: new for old, new in back.items() if old != new}:
        index.add_renamed(renamed)
    return batch


def _look_at(paths: list[Path], index: ImageIndex) -> None:
    index.add_images(paths)
