"""Temporary files that nobody will finish: those of an engine or a window that was killed while it wrote."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from sketchdesk.library.files.atomic import TEMPORARY_SUFFIX
from sketchdesk.library.paths import models_dir, runs_dir, training_dir
from sketchdesk.library.settings import load_settings

OLD_S = 3600.0
"""Whoever writes a file for longer than this without a byte is dead."""
_OURS = re.compile(rf"\.[0-9a-f]{{32}}{re.escape(TEMPORARY_SUFFIX)}")

log = logging.getLogger(__name__)


def sweep() -> int:
    """Delete what was left in the folders of images, models, trainings and runs; return how many files it was.

    Walks the disk: not for the window's own thread.
    """
    return delete_left((load_settings().images_folder, models_dir(), training_dir(), runs_dir()))


def delete_left(folders: Iterable[Path]) -> int:
    """Delete the temporary files of ours, at any depth, that are older than OLD_S; return how many it was.

    What cannot be deleted now is tried again the next time. A clock that was set back leaves files a while longer.
    """
    old = time.time() - OLD_S
    return sum(_delete(Path(root, name), old) for folder in folders for root, _folders, names in os.walk(folder)
               for name in names if _OURS.fullmatch(name))  # fmt: skip


def _delete(file: Path, old: float) -> bool:
    with suppress(OSError):
        if file.lstat().st_mtime < old:
            file.unlink()
            log.info("a file that was never finished was deleted: %s", file)
            return True
    return False
