"""Saving unsaved pictures so that the index knows at once what became of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sketchdesk.library.drawing.unsaved import save_unsaved
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.images.tags import Tags
from sketchdesk.library.index.index import GalleryImage, ImageIndex


def keep_images(images: Iterable[GalleryImage], index: ImageIndex, folder: Path | None = None) -> dict[Path, Path]:
    """Save those of the images that are not saved yet and return where each was and is; see save_unsaved().

    Raises as it does; the index then knows at least which have left.
    """
    unsaved = [image for image in images if image.unsaved]
    kept: dict[Path, Path] = {}
    try:
        kept = save_unsaved((image.path for image in unsaved), folder)
    finally:  # also where the disk refuses half-way
        index.mirror_stars(Stars.load().paths)
        index.mirror_tags(Tags.load())
        for image in unsaved:
            if image.path in kept:
                index.add_image(kept[image.path], image.run)
                if image.scores or image.caption:
                    index.set_scores(kept[image.path], image.scores, image.caption or None)
        index.add_images(image.path for image in unsaved)
    return kept
