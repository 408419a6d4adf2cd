"""Images in one ZIP archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from sketchdesk.library.export.names import file_names
from sketchdesk.library.export.outcome import Exported, check_any, check_some_left, no_progress
from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.library.progress import Progress


def export_zip(
    images: Sequence[GalleryImage], target: Path, progress: Progress = no_progress, pattern: str = ""
) -> Exported:
    """Put the images into the archive `target`, named by a pattern (names.file_names) or by their own names.

    The archive appears whole or not at all. It is not compressed: image files are. Raises SketchDeskError: BAD_INPUT
    (no images, none readable, a wrong pattern), DISK_FULL, NOT_WRITABLE.
    """
    check_any(images)
    names = file_names(images, pattern)
    left_out: list[Path] = []
    with replacing(target) as temporary:
        with ZipFile(temporary, "w", ZIP_STORED) as archive:
            for number, (image, name) in enumerate(zip(images, names, strict=True), start=1):
                try:
                    entry = ZipInfo.from_file(image.path, name, strict_timestamps=False)
                    data = image.path.read_bytes()
                except OSError:
                    left_out.append(image.path)
                else:
                    archive.writestr(entry, data)
                progress(number, len(images))
        check_some_left(images, left_out)
    return Exported(target=target, files=(target,), images=len(images) - len(left_out), left_out=tuple(left_out))
