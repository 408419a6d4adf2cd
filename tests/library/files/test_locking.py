"""What two programs change at once, neither loses: settings, stars, tags, what was noted of models, new names."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files import locking
from sketchdesk.library.files.locking import only_one
from sketchdesk.library.images.renamed import Renamings
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.images.tags import Tags
from sketchdesk.library.models.notes import read_note
from sketchdesk.library.settings import load_settings

OTHER_PROGRAM = """
import sys, time
from pathlib import Path
from sketchdesk.library.models.notes import remember_prediction
from sketchdesk.library.images.renamed import Renaming, note_renamings
from sketchdesk.library.settings import change_settings, with_model
from sketchdesk.library.images.stars import Stars
from sketchdesk.library.images.tags import Tags
name, folder = sys.argv[1], Path(sys.argv[2])
sys.stdin.read(1)
for number in range(12):
    mine = folder / f"{name}-{number}"
    mine.write_text("weights")
    change_settings(lambda settings: with_model(settings, str(mine)))
    Stars.load().toggle([mine])
    Tags.load().change([mine], add=[name])
    remember_prediction(mine, "v_prediction", "person")
    note_renamings([Renaming(old=mine, until_s=9e9, new=mine.with_suffix(".new"), since_s=0.0)])
"""


def test_two_programs_at_once_lose_no_change(home, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    others = [
        subprocess.Popen([sys.executable, "-c", OTHER_PROGRAM, name, str(folder)], stdin=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    for other in others:
        other.communicate(b"!")
    assert [other.returncode for other in others] == [0, 0, 0]
    files = {folder / f"{name}-{number}" for name in ("one", "two", "three") for number in range(12)}
    assert set(load_settings().model_paths) == {str(file) for file in files}
    assert Stars.load().paths == files
    assert set(Tags.load().given) == files
    assert all(read_note(file).predicts == "v_prediction" for file in files)
    names = Renamings.load()
    assert all(names.now(os.fsencode(file), 0.0) == os.fsencode(file.with_suffix(".new")) for file in files)


def test_who_holds_a_file_too_long_is_named_and_nothing_is_written(home, monkeypatch):
    monkeypatch.setattr(locking, "WAIT_S", 0.0)
    path = home / "a.json"
    with only_one(path), pytest.raises(SketchDeskError) as refused, only_one(path):
        path.write_text("never")
    assert refused.value.kind is ErrorKind.NOT_WRITABLE
    assert not path.exists()
    with only_one(path):  # and it is let go of
        path.write_text("now")


@pytest.mark.skipif(os.name == "nt", reason="folders are not read-only there")
def test_a_read_only_folder_is_told(tmp_path, monkeypatch):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    refuse_root(monkeypatch, folder)
    with pytest.raises(SketchDeskError) as refused, only_one(folder / "a.json"):
        pass
    folder.chmod(stat.S_IRWXU)
    assert refused.value.kind is ErrorKind.NOT_WRITABLE


def refuse_root(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let opening a file in the folder fail for root too, whom no mode stops."""
    if os.geteuid() != 0:
        return
    opened = os.open

    def checked(path, flags, *more, **options):
        if Path(os.fsdecode(path)).parent == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", checked)
