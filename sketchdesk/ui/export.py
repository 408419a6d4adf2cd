"""Copy pictures to a folder of the person's choice, without overwriting anything there and without blocking."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Sequence
from pathlib import Path

from sketchdesk.library.atomic import replacing


async def export_images(images: Sequence[Path], folder: Path) -> list[Path]:
    """Copy the images in a thread of their own and return the copies. Raises SketchDeskError or OSError."""
    return await asyncio.get_running_loop().run_in_executor(None, copy_images, images, folder)


def copy_images(images: Sequence[Path], folder: Path) -> list[Path]:
    """Copy the images under their own names, or with a number where the name is taken; each appears whole."""
    copies = []
    for image in images:
        copy = _free(folder, image)
        with replacing(copy) as temporary:
            shutil.copyfile(image, temporary)
        copies.append(copy)
    return copies


def _free(folder: Path, image: Path) -> Path:
    candidate, number = folder / image.name, 1
    while candidate.exists():
        number += 1
        candidate = folder / f"{image.stem} ({number}){image.suffix}"
    return candidate
