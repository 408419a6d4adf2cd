"""Pictures drawn without keeping them: they lie in their run's folder, whole, until each is saved or dropped.

Nothing else takes them away: a window that closes leaves them, and the next one shows them again.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.files.placing import move_new
from sketchdesk.library.images.metadata import image_files
from sketchdesk.library.images.renamed import Renaming, note_renamings
from sketchdesk.library.images.stars import move_stars
from sketchdesk.library.images.tags import move_tags
from sketchdesk.library.paths import runs_dir
from sketchdesk.library.runs.runs import read_run
from sketchdesk.library.settings import load_settings

UNSAVED = "unsaved"
"""The folder inside a run's."""
TOLD_WITHIN_S = 1.0
"""How long after a picture was written, at most, its run tells of it."""


def unsaved_dir(run_dir: Path) -> Path:
    """Return where a run's unsaved pictures lie."""
    return run_dir / UNSAVED


def unsaved_images(run_dir: Path | None = None) -> list[Path]:
    """Return the unsaved pictures of a run, or of all runs of the data folder, in the order they were drawn."""
    folders = [unsaved_dir(run_dir)] if run_dir else sorted(runs_dir().glob(f"*/{UNSAVED}"))
    return [path for folder in folders for path in image_files(folder)]


def is_unsaved(path: Path) -> bool:
    """Tell whether a picture's place is that of an unsaved one of the data folder's runs."""
    return path.parent.name == UNSAVED and path.parent.parent.parent == runs_dir()


def save_unsaved(paths: Iterable[Path], folder: Path | None = None) -> dict[Path, Path]:
    """Move unsaved pictures into a folder and return where each lies now; nothing there is replaced.

    Without a folder each goes where its run was to draw, had it kept its pictures. Stars, scores and what the run
    tells go along. One that is gone already is left out. Raises SketchDeskError(BAD_INPUT) for a picture that is not an
    unsaved one, DISK_FULL or NOT_WRITABLE; what was moved before that stays moved, the rest stays unsaved.
    """
    saved: dict[Path, Path] = {}
    try:
        for path in dict.fromkeys(paths):
            if path.parent.name != UNSAVED:
                message = _("“{file}” is not a picture that waits to be saved.").format(file=path)
                raise SketchDeskError(ErrorKind.BAD_INPUT, message)
            with suppress(FileNotFoundError):
                saved[path] = move_new(path, folder or _wanted_folder(path))
    finally:  # also where the disk refuses half-way
        _carry_along(saved)
    return saved


def _wanted_folder(path: Path) -> Path:
    """Return where a picture's run was to draw; where that cannot be read, where images go."""
    try:
        job = read_run(path.parent.parent).job
    except SketchDeskError:
        return load_settings().images_folder
    return Path(job.out_dir) if isinstance(job, GenerateJob) else load_settings().images_folder


def _told_until_s(path: Path) -> float:
    """Return a time after the run told of a picture, also where the clock was set back since it was drawn."""
    try:
        return max(time.time(), path.stat().st_mtime + TOLD_WITHIN_S)
    except OSError:
        return time.time()


def _carry_along(saved: dict[Path, Path]) -> None:
    names = [Renaming(old=old, until_s=_told_until_s(new), new=new, since_s=time.time()) for old, new in saved.items()]
    for follow in (partial(move_stars, saved), partial(move_tags, saved), partial(note_renamings, names)):
        with suppress(SketchDeskError):  # the pictures themselves have moved; what could not stays where it was
            follow()
