"""Pictures drawn without keeping them: they lie in their run's folder, whole, until one is saved or all are dropped."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from sketchdesk.library.atomic import disk_errors, replacing
from sketchdesk.library.images import image_files

UNSAVED = "unsaved"
"""The folder inside a run's."""


def unsaved_dir(run_dir: Path) -> Path:
    """Return where a run's unsaved pictures lie."""
    return run_dir / UNSAVED


def unsaved_images(run_dir: Path) -> list[Path]:
    """Return a run's unsaved pictures in the order they were drawn."""
    return image_files(unsaved_dir(run_dir))


def save_unsaved(paths: Iterable[Path], folder: Path) -> list[Path]:
    """Move unsaved pictures into a folder and return where each lies now; nothing there is replaced.

    Each appears whole with its record in it; one that is gone already is left out. Raises SketchDeskError(DISK_FULL
    or NOT_WRITABLE); what was moved before that stays moved, the rest stays unsaved.
    """
    saved = []
    for path in paths:
        if not path.is_file():
            continue
        target = free_name(folder, path.stem, path.suffix)
        with replacing(target) as temporary:
            shutil.copyfile(path, temporary)
        with disk_errors(path):
            path.unlink(missing_ok=True)
        saved.append(target)
    return saved


def drop_unsaved(run_dir: Path) -> None:
    """Delete what of a run was not saved."""
    shutil.rmtree(unsaved_dir(run_dir), ignore_errors=True)


def free_name(folder: Path, stem: str, suffix: str) -> Path:
    """Return a path in the folder that is not taken: the name itself, or with the first free number behind it."""
    path = folder / f"{stem}{suffix}"
    copy = 1
    while path.exists():
        copy += 1
        path = folder / f"{stem}-{copy}{suffix}"
    return path
