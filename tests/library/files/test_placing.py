"""No file takes another's name, whoever writes at the same time, and a failure leaves nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files import placing
from sketchdesk.library.files.placing import move_new, write_new

OTHER_PROCESS = """
import sys
from pathlib import Path
from sketchdesk.library.files.placing import write_new
sys.stdin.read(1)
for number in range(40):
    write_new(Path(sys.argv[1]), "a.png", lambda place, text=f"{sys.argv[2]} {number}": place.write_text(text))
"""


def test_processes_that_save_into_one_folder_lose_no_file(tmp_path):
    others = [
        subprocess.Popen([sys.executable, "-c", OTHER_PROCESS, str(tmp_path), name], stdin=subprocess.PIPE)
        for name in ("one", "two", "three")
    ]
    for other in others:
        other.communicate(b"!")
    assert [other.returncode for other in others] == [0, 0, 0]
    written = sorted(path.read_text() for path in tmp_path.iterdir())
    assert written == sorted(f"{name} {number}" for name in ("one", "two", "three") for number in range(40))


def test_threads_share_no_name_where_there_are_no_hard_links(tmp_path, monkeypatch):
    def refused(_place: Path, _file: Path) -> None:
        raise PermissionError(1, "no links on this disk")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    places: list[Path] = []

    def save() -> None:
        for _number in range(20):
            places.append(write_new(tmp_path, "a.png", lambda place: place.write_text("picture")))

    threads = [threading.Thread(target=save) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 60
    assert {path.read_text() for path in tmp_path.iterdir()} == {"picture"}


def test_the_name_is_announced_before_it_is_taken(tmp_path):
    heard = []
    (tmp_path / "a.png").write_text("older")
    place = write_new(
        tmp_path, "a.png", lambda file: file.write_text("new"), lambda at: heard.append((at, at.exists()))
    )
    assert heard == [(tmp_path / "a-2.png", False)]
    assert place.read_text() == "new"
    assert (tmp_path / "a.png").read_text() == "older"


def test_a_writer_that_fails_leaves_nothing(tmp_path):
    def fail(place: Path) -> None:
        place.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(SketchDeskError) as refused:
        write_new(tmp_path / "new", "a.png", fail)
    assert refused.value.kind is ErrorKind.DISK_FULL
    assert list((tmp_path / "new").iterdir()) == []


def test_a_move_takes_the_first_free_name(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.png").write_text("older")
    (tmp_path / "a.png").write_text("new")
    assert move_new(tmp_path / "a.png", tmp_path / "there") == tmp_path / "there" / "a-2.png"
    assert (tmp_path / "there" / "a-2.png").read_text() == "new"
    assert not (tmp_path / "a.png").exists()


def test_a_move_to_another_disk_is_a_checked_copy(tmp_path, monkeypatch):
    (tmp_path / "a.png").write_text("new")
    take = placing._take

    def across(file: Path, place: Path) -> None:
        if file.name == "a.png":
            raise OSError(18, "Invalid cross-device link")
        take(file, place)

    monkeypatch.setattr(placing, "_take", across)
    place = move_new(tmp_path / "a.png", tmp_path / "there")
    assert place.read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_move_of_nothing_says_so(tmp_path):
    with pytest.raises(FileNotFoundError):
        move_new(tmp_path / "gone.png", tmp_path / "there")
