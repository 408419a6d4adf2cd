"""Copy pictures to a folder of the person's choice, without overwriting anything there and without blocking."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sketchdesk.library.export import copy_file


async def export_images(images: Sequence[Path], folder: Path) -> list[Path]:
    """Copy the images in a thread of their own and return the copies. Raises SketchDeskError or OSError."""
    return await asyncio.get_running_loop().run_in_executor(None, _copy, images, folder)


def _copy(images: Sequence[Path], folder: Path) -> list[Path]:
    return [copy_file(image, folder) for image in images]
