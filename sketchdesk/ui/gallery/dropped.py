"""Which of the things dropped are images."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData

from sketchdesk.library.images import IMAGE_SUFFIXES


def dropped_images(data: QMimeData) -> list[Path]:
    """Return the image files of this machine that are dragged, by their names alone."""
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in paths if path.suffix.lower() in IMAGE_SUFFIXES]
