"""Only what a killed writer of ours left, long ago, is deleted."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.files.swept import OLD_S, sweep
from sketchdesk.library.paths import images_dir, runs_dir


def test_only_old_temporary_files_of_ours_are_deleted(data_folder: Path) -> None:
    with replacing(images_dir() / "today" / "a.png") as temporary:
        temporary.write_bytes(b"whole")
        name = temporary.name  # as the writer calls it
    old, new = runs_dir() / "run" / name, images_dir() / "today" / name
    strange = [images_dir() / other for other in ("a.tmp", f"{name}.png", name[1:], f".{'g' * 32}.tmp", "zebra.png")]
    elsewhere = data_folder / "elsewhere" / name
    for file in (old, new, elsewhere, *strange):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"half")
    long_ago = time.time() - OLD_S - 60
    for file in (old, elsewhere, *strange):
        os.utime(file, (long_ago, long_ago))
    assert sweep() == 1
    assert not old.exists()
    assert all(file.exists() for file in (new, elsewhere, *strange))
    os.utime(new, (long_ago, long_ago))
    assert sweep() == 1
    assert sweep() == 0
