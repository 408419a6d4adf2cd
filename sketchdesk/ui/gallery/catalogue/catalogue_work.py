"""What changes the gallery's images, and the index with them: done in the catalogue's writing thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sketchdesk.library.drawing.keeping import keep_images
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.images.tags import Tags
from sketchdesk.library.index.index import ImageIndex, Query
from sketchdesk.library.trash.trash import TrashBatch, move_to_trash
from sketchdesk.library.trash.whole_trash import Batch, Kind, bring_back, delete_for_good, places_of


@dataclass
class News:
    """What happened since it was last taken in."""

    saved: dict[Path, str] = field(default_factory=dict)
    """Images and the titles of their runs."""
    scored: dict[Path, tuple[dict[str, float], str | None]] = field(default_factory=dict)


def take_in(news: News, index: ImageIndex) -> None:
    """Take images and scores into the index."""
    for path, run in news.saved.items():
        index.add_image(path, run)
    for path, (values, caption) in news.scored.items():
        index.set_scores(path, values, caption)


def leave(folders: Sequence[Path], index: ImageIndex) -> None:
    """Take the images of folders out of the index."""
    for folder in folders:
        index.leave(folder)


def look_at(paths: list[Path], index: ImageIndex) -> None:
    """Look whether files are there, and as they were."""
    index.add_images(paths)


def star(ids: list[int], index: ImageIndex) -> None:
    """Star images, or take the stars away if all have one."""
    stars = Stars.load()
    stars.toggle(index.paths(ids))
    index.mirror_stars(stars.paths)


def tag(ids: list[int], add: Sequence[str], remove: Sequence[str], index: ImageIndex) -> None:
    """Give images tags, and take others away."""
    tags = Tags.load()
    tags.change(index.paths(ids), add, remove)
    index.mirror_tags(tags)


def keep(ids: list[int] | None, index: ImageIndex) -> dict[Path, Path]:
    """Save images that were drawn without keeping; None for all there are."""
    return keep_images(index.images(index.ids(Query(unsaved=True)) if ids is None else ids), index)


def trash(ids: list[int], index: ImageIndex) -> TrashBatch:
    """Move images to the trash."""
    paths = index.paths(ids)
    try:
        return move_to_trash(paths)
    finally:  # also where the disk refuses half-way: what has moved is gone from here
        _mirror(index)
        index.add_images(paths)


def trash_unsaved(index: ImageIndex) -> TrashBatch:
    """Move all images that are not saved to the trash."""
    return trash(list(index.ids(Query(unsaved=True))), index)


def restore(batch: Batch, index: ImageIndex) -> tuple[Batch, int]:
    """Bring back what went to the trash; return the batch and how much came back of it."""
    if not isinstance(batch, TrashBatch):
        return batch, len(bring_back(batch))
    try:
        back = bring_back(batch)
    except BaseException:  # the disk refused half-way: some may be where they were
        _mirror(index)
        index.add_images(places_of(batch))
        raise
    _mirror(index)
    index.add_images(back.values())
    if renamed := {old: new for old, new in back.items() if old != new}:
        index.add_renamed(renamed)
    return batch, len(back)


def empty(batches: Sequence[Batch], _index: ImageIndex) -> Counter[Kind]:
    """Delete for good what is in the trash; return how much of each kind that was."""
    return delete_for_good(batches)


def _mirror(index: ImageIndex) -> None:
    index.mirror_stars(Stars.load().paths)
    index.mirror_tags(Tags.load())
