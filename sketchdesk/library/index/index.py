"""The image index: a quick way to find images, made from the images, the runs, the stars and the tags.

It can be deleted at any time.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Self

from sketchdesk.library.images.gallery_image import GalleryImage, image_of
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.images.tags import Tags
from sketchdesk.library.index.file import IndexFile
from sketchdesk.library.index.find import Finder
from sketchdesk.library.index.query import Query, SqlValue
from sketchdesk.library.index.sources import (
    Stamp,
    Told,
    finite,
    key_of,
    look_through,
    path_of,
    stamp_of,
)
from sketchdesk.library.index.told import read_sources, tell_again
from sketchdesk.library.index.write import (
    Entry,
    batches,
    clear,
    write_entries,
    write_stars,
    write_tags,
    write_told,
)
from sketchdesk.library.paths import thumbnails_dir, trash_dir
from sketchdesk.library.progress import Progress

__all__ = ["GalleryImage", "ImageIndex", "Query"]

# Both walk an index and look partners up in another; SQLite, left alone, sorts all images of a model first.
_SAME = """other.prompt = one.prompt AND other.seed = one.seed AND other.manner = one.manner
    AND other.width = one.width AND other.height = one.height"""
_NEWER = """other.mtime_ns > one.mtime_ns OR (other.mtime_ns = one.mtime_ns AND other.id > one.id)"""
_PARTNERS = f"""
SELECT other.id FROM images AS one CROSS JOIN images AS other INDEXED BY by_prompt
    ON {_SAME} AND other.model != one.model
WHERE one.id = ? AND one.prompt != '' ORDER BY other.mtime_ns DESC, other.id DESC
"""
_PAIRS = f"""
SELECT one.id, (SELECT other.id FROM images AS other INDEXED BY by_prompt WHERE {_SAME} AND other.model = ?2
                ORDER BY other.mtime_ns DESC, other.id DESC LIMIT 1) AS partner
FROM images AS one INDEXED BY by_model
WHERE one.model = ?1 AND one.prompt != '' AND partner IS NOT NULL AND NOT EXISTS
    (SELECT 1 FROM images AS other INDEXED BY by_prompt WHERE {_SAME} AND other.model = ?1 AND ({_NEWER}))
ORDER BY one.mtime_ns DESC, one.id DESC LIMIT ?3
"""

TELL_EVERY = 50
"""So many files are read between two words of progress, which may stop the reading."""



class ImageIndex:
    """An open index over some folders; close it, or use it as a context. Each thread opens its own.

    The images of runs are in it too, wherever they lie. A damaged file is noticed when it is opened or used, and made
    anew. Every method raises SketchDeskError(DISK_FULL or NOT_WRITABLE) where the file cannot be written.
    """

    def __init__(self, file: Path, folders: Sequence[Path]) -> None:
        """Open the index, made empty where there is none of this version; refresh() then fills it."""
        self._folders = tuple(folders)
        self._file = IndexFile(file, self._refresh)
        self._finder = Finder(lambda: self._file.db)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the index cannot be used afterwards."""
        self._file.close()

    # --- finding -------------------------------------------------------------------------------------------------

    def ids(self, query: Query) -> array[int]:
        """Return the ids of all images the query finds, in its order, as 64-bit numbers."""
        return self._file.repairing(lambda: self._finder.ids(query))

    def count(self, query: Query) -> int:
        """Return how many images the query finds."""
        return self._file.repairing(lambda: self._finder.count(query))

    def images(self, ids: Iterable[int]) -> list[GalleryImage]:
        """Return the images with these ids, in their order; one that is gone is left out."""
        wanted = list(ids)

        def read() -> list[GalleryImage]:
            found: dict[int, GalleryImage] = {}
            for part in batches(wanted):
                found |= {image.id: image for image in self._images("id", part)}
            return [found[one] for one in wanted if one in found]

        return self._file.repairing(read)

    def paths(self, ids: Iterable[int]) -> list[Path]:
        """Return where the images with these ids lie, in their order; one that is gone is left out."""
        wanted = list(ids)

        def read() -> list[Path]:
            found: dict[int, bytes] = {}
            for part in batches(wanted):
                marks = ", ".join("?" * len(part))
                found |= self._file.db.execute(f"SELECT id, path FROM images WHERE id IN ({marks})", part).fetchall()
            return [path_of(found[one]) for one in wanted if one in found]

        return self._file.repairing(read)

    def find(self, path: Path) -> GalleryImage | None:
        """Return the image at a path, or None where the index has none."""
        found = self._file.repairing(lambda: self._images("path", (key_of(path),)))
        return found[0] if found else None

    def state(self) -> object:
        """Return something that is another thing as soon as anybody has written into the index."""
        return self._file.repairing(self._finder.state)

    def models(self) -> list[tuple[str, int]]:
        """Return the models the images were drawn with, LoRAs named, and how many images each drew, by name."""
        text = "SELECT model, count(*) FROM images WHERE model != '' GROUP BY model ORDER BY model COLLATE NOCASE"
        return self._file.repairing(lambda: self._file.db.execute(text).fetchall())

    def runs(self) -> list[tuple[str, int]]:
        """Return the titles of the runs the images came from and how many came from each, the latest run first."""
        text = "SELECT run, count(*) FROM images WHERE run != '' GROUP BY run ORDER BY max(mtime_ns) DESC, run"
        return self._file.repairing(lambda: self._file.db.execute(text).fetchall())

    def tags(self) -> list[tuple[str, int]]:
        """Return the tags the images have and how many images have each, by the alphabet."""
        text = "SELECT tag, count(*) FROM image_tags GROUP BY tag ORDER BY tag"
        return self._file.repairing(lambda: self._file.db.execute(text).fetchall())

    def prompts(self, limit: int = 500) -> list[tuple[str, int]]:
        """Return prompts without their style prefix and how many images each has, those with most images first."""
        text = (
            "SELECT prompt, count(*) AS images FROM images WHERE prompt != '' GROUP BY prompt "
            "ORDER BY images DESC, prompt LIMIT ?"
        )
        return self._file.repairing(lambda: self._file.db.execute(text, (limit,)).fetchall())

    def score_range(self, name: str = "cosine") -> tuple[float, float] | None:
        """Return the least and the largest value of a score; None where no image has it."""
        text = (  # each by itself is looked up in the index
            "SELECT (SELECT min(value) FROM scores WHERE name = ?1), (SELECT max(value) FROM scores WHERE name = ?1)"
        )
        low, high = self._file.repairing(lambda: self._file.db.execute(text, (name,)).fetchone())
        return None if low is None else (low, high)

    def pair_of(self, image: GalleryImage) -> list[GalleryImage]:
        """Return the images of the same prompt, seed, size and manner by other models, the newest first."""
        return self.images(row[0] for row in self._rows(_PARTNERS, (image.id,)))

    def pairs(self, model_a: str, model_b: str, limit: int = 500) -> list[tuple[GalleryImage, GalleryImage]]:
        """Return same-seed pairs of two models, the newest first; of several alike the newest is taken."""
        rows = self._rows(_PAIRS, (model_a, model_b, limit))
        images = {image.id: image for image in self.images(dict.fromkeys(chain.from_iterable(rows)))}
        return [(images[a], images[b]) for a, b in rows if a in images and b in images]

    # --- taking in -----------------------------------------------------------------------------------------------

    def add_image(self, path: Path, run: str = "") -> GalleryImage | None:
        """Take in one image, new or changed, and return it; one that is gone is taken out. `run` is its run's title."""
        if run:
            told = Told(path=key_of(path), run=run)
            self._file.repairing(lambda: write_told(self._file.db, [told]))
        self.add_images([path])
        return self.find(path)

    def add_images(self, paths: Iterable[Path]) -> None:
        """Take in several images as add_image() does: after a move to the trash, a restore, an export."""
        keys = [key_of(path) for path in paths]
        self._file.repairing(lambda: self._take_in(keys))

    def add_renamed(self, places: Mapping[Path, Path]) -> None:
        """Take in images that came back under another name (old: new), with what runs told of them by the old one."""
        keys = [key_of(path) for both in places.items() for path in both]

        def take_in() -> None:
            tell_again(self._file.db, set(keys))
            self._take_in(keys)

        self._file.repairing(take_in)

    def leave(self, folder: Path) -> None:
        """Take out the images under a folder that is none of this index's any more; what runs drew there stays."""
        inside = key_of(folder) + os.fsencode(os.sep)
        rows = self._file.repairing(lambda: self._file.db.execute("SELECT path FROM images WHERE run = ''").fetchall())
        gone = [Entry(path, None) for (path,) in rows if path.startswith(inside)]
        for part in batches(gone):
            self._file.repairing(partial(write_entries, self._file.db, part))

    def set_scores(self, path: Path, values: dict[str, float], caption: str | None = None) -> None:
        """Take in an image's scores, beside those of other names; a caption that is None leaves the one there is.

        They are kept also for an image that is not here yet. The truth is the run's events, which refresh() reads.
        """
        told = Told(path=key_of(path), scores=finite(values), caption=caption)
        self._file.repairing(lambda: write_told(self._file.db, [told]))

    def mirror_stars(self, stars: Collection[Path]) -> None:
        """Take in which images have a star (Stars.paths); refresh() does it too, from the stars' file."""
        keys = {key_of(path) for path in stars}
        self._file.repairing(lambda: write_stars(self._file.db, keys))

    def mirror_tags(self, tags: Tags) -> None:
        """Take in which images have which tags; refresh() does it too, from the tags' file."""
        given = {key_of(path): names for path, names in tags.given.items()}
        self._file.repairing(lambda: write_tags(self._file.db, given))

    def refresh(self, progress: Progress | None = None) -> int:
        """Bring the index up to what is on disk now; return how many images were read, changed or gone.

        The newest come first and can be found while the rest is read. `progress` hears (done, of how many), which is
        (0, 0) while it is looked what there is, and may raise to stop: what was read is kept.
        """
        return self._file.repairing(lambda: self._refresh(progress))

    def rebuild(self, progress: Progress | None = None) -> int:
        """Empty the index and fill it as refresh() does; return how many images it holds."""
        self._file.repairing(lambda: clear(self._file.db))
        self.refresh(progress)
        return self.count(Query())

    # --- inside --------------------------------------------------------------------------------------------------

    def _rows(self, text: str, values: tuple[SqlValue, ...]) -> list[tuple[int, ...]]:
        return self._file.repairing(lambda: self._file.db.execute(text, values).fetchall())

    def _images(self, column: str, values: Sequence[int | bytes]) -> list[GalleryImage]:
        marks = ", ".join("?" * len(values))
        rows = self._file.db.execute(
            "SELECT id, path, mtime_ns, record, starred, unsaved, images.run, coalesce(scores, '{}'), "
            "coalesce(caption, ''), (SELECT json_group_array(tag) FROM tags WHERE tags.path = images.path) "
            f"FROM images LEFT JOIN told USING (path) WHERE {column} IN ({marks})",
            values,
        )
        return [image_of(*row) for row in rows]

    def _refresh(self, progress: Progress | None = None) -> int:
        db = self._file.db
        check = partial(progress, 0, 0) if progress else None
        found = look_through(self._folders, (trash_dir(), thumbnails_dir()), check)
        write_stars(db, {key_of(path) for path in Stars.load().paths})
        write_tags(db, {key_of(path): names for path, names in Tags.load().given.items()})
        read_sources(db, found.tables)
        rows = db.execute("SELECT path, mtime_ns, size_bytes FROM images")
        known: dict[bytes, Stamp] = {path: (mtime_ns, size_bytes) for path, mtime_ns, size_bytes in rows}
        on_disk = found.images
        of_runs = {path for (path,) in db.execute("SELECT path FROM told WHERE run != ''")}
        for path in (of_runs | known.keys()) - on_disk.keys():
            if stamp := stamp_of(path):
                on_disk[path] = stamp
        gone = [path for path in known if path not in on_disk]
        changed = [path for path, stamp in on_disk.items() if known.get(path) != stamp]
        changed.sort(key=lambda path: on_disk[path], reverse=True)
        self._take_in([*gone, *changed], progress)
        return len(gone) + len(changed)

    def _take_in(self, paths: Sequence[bytes], progress: Progress | None = None) -> None:
        done = 0
        for part in batches(paths):
            entries: list[Entry] = []
            try:
                for path in part:
                    if progress and len(entries) % TELL_EVERY == 0:
                        progress(done + len(entries), len(paths))
                    stamp = stamp_of(path)
                    entries.append(Entry(path, stamp, read_record(path_of(path)) if stamp else None))
            finally:  # what was read is kept, also where it is stopped
                write_entries(self._file.db, entries)
            done += len(part)
        if progress and paths:
            progress(done, done)
