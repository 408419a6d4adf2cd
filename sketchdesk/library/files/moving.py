"""Moving files so that nothing is overwritten and nothing is lost, also from one disk to another."""

from __future__ import annotations

import errno
import filecmp
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.atomic import disk_errors, replacing


@contextmanager
def free_place(folder: Path, name: str) -> Iterator[Path]:
    """Yield a path in the folder that nobody else has or can take: `name`, or with a number where that is taken.

    An empty file holds the place until the block puts one over it; a block that fails leaves nothing there. The
    folder is made if missing. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        place = _claimed(folder, Path(name))
    try:
        yield place
    except BaseException:
        with suppress(OSError):
            place.unlink()
        raise


def move_over(source: Path, target: Path) -> None:
    """Move a file over `target`; to another disk as a copy that is compared before the source goes.

    Whatever fails, the source or a whole copy of it is there. Raises FileNotFoundError where there is no source, and
    SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    try:
        with disk_errors(source):
            source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _move_to_other_disk(source, target)


def free_name(path: Path) -> Path:
    """Return the path, or one beside it with a number where it is taken."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return candidate


def _move_to_other_disk(source: Path, target: Path) -> None:
    with replacing(target) as temporary:
        shutil.copy2(source, temporary)
        if not filecmp.cmp(source, temporary, shallow=False):
            raise SketchDeskError(ErrorKind.NOT_WRITABLE, str(target), "the copy differs from the file")
    with disk_errors(source):
        try:
            source.unlink()
        except OSError:
            target.unlink()  # the file stays where it was
            raise


def _claimed(folder: Path, name: Path) -> Path:
    for number in count(1):
        place = folder / (name.name if number == 1 else f"{name.stem} ({number}){name.suffix}")
        with suppress(FileExistsError):
            place.touch(exist_ok=False)
            return place
    raise AssertionError  # count() has no end
