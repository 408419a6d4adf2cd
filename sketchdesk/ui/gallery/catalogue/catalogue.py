"""What the gallery knows of the images: asked and changed in threads, told by signals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, get_args

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.index.query import Sort
from sketchdesk.library.paths import index_file
from sketchdesk.library.trash.trash import TrashBatch
from sketchdesk.library.trash.whole_trash import Batch, Kind
from sketchdesk.ui.gallery.catalogue import catalogue_work
from sketchdesk.ui.gallery.catalogue.catalogue_work import News
from sketchdesk.ui.gallery.catalogue.finding import Finding, Found
from sketchdesk.ui.gallery.catalogue.index_thread import IndexThread
from sketchdesk.ui.gallery.catalogue.walking import Walking

NEWS_MS = 100
"""Images that were just drawn are taken in this often, however fast they come."""
WALK_MS = 1000
"""How often the gallery looks again while the folders are read through."""


class Catalogue(QObject):
    """The images of some folders and of all runs. End it with shutdown().

    Of the questions asked with look() only the last is answered; when the images change it is answered again.

    Signals:
        found(Found): What the last look() finds now.
        read(list[GalleryImage]): Images that fetch() asked for.
        stale(): What is known of images that were read before may have changed.
        walking(bool): The folders are being read through, or that is done; `walk_` tells more.
        trashed(TrashBatch): Pictures moved to the trash.
        restored(Batch, int): So much of it came back.
        emptied(Counter[Kind]): So much in the trash was deleted for good.
        kept(dict[Path, Path]): Pictures drawn without keeping were saved: where each was, and is.
        failed(SketchDeskError): Something could not be done.
    """

    found = Signal(object)
    read = Signal(object)
    stale = Signal()
    walking = Signal(bool)
    trashed = Signal(object)
    restored = Signal(object, int)
    emptied = Signal(object)
    kept = Signal(object)
    failed = Signal(object)

    def __init__(self, folders: Sequence[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        places = tuple(folders)
        self._reader, self._writer = (IndexThread(index_file(), places, self) for _ in range(2))
        self.walk_ = Walking(index_file(), places, self)
        for thread in (self._reader, self._writer):
            thread.failed.connect(self._on_failed)
        self._query = Query()
        self._finding = Finding()
        self._asking = self._again = False
        self._news = News()
        self._news_timer = QTimer(self, interval=NEWS_MS, singleShot=True)
        self._news_timer.timeout.connect(self._take_in_news)
        self._walk_timer = QTimer(self, interval=WALK_MS)
        self._walk_timer.timeout.connect(self._look_again)
        self.walk_.at_work.connect(self._on_at_work)
        self.walk_.walked.connect(self._on_changed)
        self.walk_.walked.connect(self._read_an_order)
        self._unread = list(get_args(Sort))
        """Orders that were not read since the start."""
        self.walk_.failed.connect(self.failed)

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

    def walk(self, asked: bool = True) -> None:
        """Read the folders through for what is new, changed and gone; see Walking.walk()."""
        self.walk_.walk(asked)

    def rebuild(self) -> None:
        """Forget everything and read it anew."""
        self.walk_.walk(rebuild=True)

    def leave(self, folders: Sequence[Path]) -> None:
        """Take out the pictures of folders that are not looked through any more."""
        self._writer.ask(partial(catalogue_work.leave, tuple(folders)), self._on_changed)

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
        self._writer.ask(partial(catalogue_work.star, list(ids)), self._on_changed)

    def tag(self, ids: Iterable[int], add: Sequence[str], remove: Sequence[str]) -> None:
        """Give the images tags, and take others away."""
        self._writer.ask(partial(catalogue_work.tag, list(ids), tuple(add), tuple(remove)), self._on_changed)

    def trash(self, ids: Iterable[int]) -> None:
        """Move the images' files to the trash."""
        self._writer.ask(partial(catalogue_work.trash, list(ids)), self._on_trashed)

    def restore(self, batch: Batch) -> None:
        """Bring back what went to the trash."""
        self._writer.ask(partial(catalogue_work.restore, batch), self._on_restored)

    def empty(self, batches: Sequence[Batch]) -> None:
        """Delete for good what went to the trash."""
        self._writer.ask(partial(catalogue_work.empty, tuple(batches)), self._on_emptied)

    def keep(self, ids: Iterable[int] | None) -> None:
        """Save those of the images that were drawn without keeping; None for all there are."""
        self._writer.ask(partial(catalogue_work.keep, None if ids is None else list(ids)), self._on_kept)

    def trash_unsaved(self) -> None:
        """Move all images that are not saved to the trash."""
        self._writer.ask(catalogue_work.trash_unsaved, self._on_trashed)

    def gone(self, paths: Iterable[Path]) -> None:
        """Take note that files may have vanished."""
        self._writer.ask(partial(catalogue_work.look_at, list(paths)), self._on_changed)

    def shutdown(self) -> None:
        """End the threads; nothing is told any more."""
        self._news_timer.stop()
        self._walk_timer.stop()
        for thread in (self._reader, self._writer, self.walk_):
            thread.close()

    # --- inside --------------------------------------------------------------------------------------------------

    @Slot()
    def _look_again(self) -> None:
        if self._asking:
            self._again = True
            return
        self._asking, self._again = True, False
        self._reader.ask(partial(self._finding, self._query), self._on_found)

    def _on_found(self, found: Found) -> None:
        self._asking = False
        if self._again:
            self._look_again()
        if found.query == self._query:
            self.found.emit(found)

    @Slot()
    def _on_changed(self, _result: object = None) -> None:
        self.stale.emit()
        self._look_again()

    @Slot(bool)
    def _on_at_work(self, working: bool) -> None:
        if working:
            self._walk_timer.start()
        else:
            self._walk_timer.stop()
        self.walking.emit(working)

    @Slot()
    def _read_an_order(self, _ids: object = None) -> None:
        """Read one order after the other now that nobody waits: at the first time the disk takes long for some."""
        if self._unread:
            query = Query(sort=self._unread.pop(0))
            self._reader.ask(lambda index: index.ids(query), self._read_an_order)

    def _on_trashed(self, batch: TrashBatch) -> None:
        self.trashed.emit(batch)
        self._on_changed()

    def _on_emptied(self, counts: Counter[Kind]) -> None:
        self.emptied.emit(counts)

    def _on_restored(self, restored: tuple[Batch, int]) -> None:
        self.restored.emit(*restored)
        self._on_changed()

    def _on_kept(self, kept: dict[Path, Path]) -> None:
        self.kept.emit(kept)
        self._on_changed()

    def _news_later(self) -> None:
        if not self._news_timer.isActive():
            self._news_timer.start()

    @Slot()
    def _take_in_news(self) -> None:
        news, self._news = self._news, News()
        self._writer.ask(partial(catalogue_work.take_in, news), self._on_changed)

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        if self.sender() is self._reader:
            self._asking = False
        self.failed.emit(error)
