"""A free place is nobody else's, and a block that fails leaves nothing there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.moving import free_place, move_over


def test_names_are_counted_up_and_never_shared(tmp_path):
    places: list[Path] = []

    def take() -> None:
        for _number in range(20):
            with free_place(tmp_path / "new", "a.b.png") as place:
                places.append(place)

    threads = [threading.Thread(target=take) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(places)) == 80
    assert {"a.b.png", "a.b (2).png", "a.b (80).png"} <= {place.name for place in places}


def test_a_block_that_fails_frees_the_place(tmp_path):
    with pytest.raises(KeyboardInterrupt), free_place(tmp_path, "a.png"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_move_replaces_what_is_there(tmp_path):
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")
    move_over(tmp_path / "a", tmp_path / "b")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("b", "new")]


def test_a_source_that_is_gone_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        move_over(tmp_path / "a", tmp_path / "b")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept").chmod(0o500)
    with pytest.raises(SketchDeskError) as caught, free_place(tmp_path / "kept", "a.png"):
        pass
    (tmp_path / "kept").chmod(0o700)
    assert caught.value.kind is ErrorKind.NOT_WRITABLE


def test_a_file_where_the_folder_should_be_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SketchDeskError) as caught, free_place(tmp_path / "file" / "new", "a.png"):
        pass
    assert caught.value.kind is ErrorKind.NOT_WRITABLE
