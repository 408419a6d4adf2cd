"""Which of the things dropped are images, or folders of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QMimeData, QUrl

from sketchdesk.library.images.metadata import IMAGE_SUFFIXES


def dropped_images(data: QMimeData) -> list[Path]:
    """Return the image files of this machine that are dragged, by their names alone."""
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in paths if path.suffix.lower() in IMAGE_SUFFIXES]


def dropped_folders(data: QMimeData) -> list[Path]:
    """Return the folders of this machine that are dragged."""
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in paths if path.is_dir()]


def as_files(paths: Iterable[Path]) -> QMimeData:
    """Return files as other programs take them."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data
