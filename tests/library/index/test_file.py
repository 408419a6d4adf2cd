"""Two windows share one index: what one of them makes anew the other goes over to, and does not destroy."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from PIL import Image

from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.file import VERSION
from sketchdesk.library.index.index import ImageIndex, Query

OTHER_WINDOW = """
import sys
from pathlib import Path
from sketchdesk.library.index.index import ImageIndex, Query
file, folder, more = map(Path, sys.argv[1:])
with ImageIndex(file, [folder]) as index:
    for line in sys.stdin:
        if line == "add\\n":
            index.add_image(more)
        print(index.count(Query()) if line != "open\\n" else "open", flush=True)
"""


def draw(path: Path) -> Path:
    record = ImageRecord(
        prompt="a zebra", seed=1, num_inference_steps=2, guidance_scale=None, sampler="", width=4, height=4, model="m"
    )
    save_png(Image.new("RGB", (4, 4)), path, record)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in "abcd":
        draw(tmp_path / "images" / f"{name}.png")
    return tmp_path / "images"


@pytest.fixture
def file(tmp_path: Path, folder: Path) -> Path:
    """A file that opens, and turns out to be damaged when it is read."""
    file = tmp_path / "index.sqlite3"
    with ImageIndex(file, [folder]) as index:
        index.refresh()
    whole = bytearray(file.read_bytes())
    whole[4096:] = b"\xff" * (len(whole) - 4096)
    file.write_bytes(whole)
    return file


class Window:
    """A second program with the index open."""

    def __init__(self, *paths: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", OTHER_WINDOW, *map(str, paths)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True,
        )  # fmt: skip

    def do(self, what: str) -> str:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0


@pytest.fixture
def window(file: Path, folder: Path, tmp_path: Path) -> Iterator[Window]:
    window = Window(file, folder, draw(tmp_path / "theirs.png"))
    assert window.do("open") == "open"
    yield window


def test_another_program_goes_over_to_the_index_this_one_made_anew_and_neither_loses_anything(
    window, file, folder, tmp_path
):
    with ImageIndex(file, [folder]) as mine:
        assert mine.count(Query()) == 4
        mine.add_image(draw(tmp_path / "mine.png"))  # told by nobody else: a file made anew again would not have it
        assert window.do("count") == "5"
        assert window.do("add") == "6"
        window.close()
        assert mine.count(Query()) == 6
        mine.set_scores(folder / "a.png", {"cosine": 0.3})
    with ImageIndex(file, [folder]) as later:
        assert later.count(Query()) == 6
        assert later.find(folder / "a.png").scores == {"cosine": 0.3}


def test_the_other_program_may_be_the_one_that_meets_the_damage(window, file, folder, tmp_path):
    with ImageIndex(file, [folder]) as mine:
        assert window.do("add") == "5"
        assert mine.count(Query()) == 5
        window.close()
        mine.add_image(draw(tmp_path / "mine.png"))
        assert mine.count(Query()) == 6
    assert [path.name for path in tmp_path.glob("index*.sqlite3")] == ["index-1.sqlite3"]


def test_no_id_of_the_old_file_means_another_image_in_the_new_one(folder, tmp_path):
    file = tmp_path / "index.sqlite3"
    with ImageIndex(file, [folder]) as one, ImageIndex(file, [folder]) as other:
        one.refresh()
        ids = other.ids(Query())
        for part in tmp_path.glob("index.sqlite3*"):
            part.unlink()
        one.refresh()
        assert other.images(ids) == []
        assert len(other.images(other.ids(Query()))) == 4


def test_an_index_that_is_deleted_while_two_have_it_open_is_made_anew_once(folder, tmp_path):
    file = tmp_path / "index.sqlite3"
    with ImageIndex(file, [folder]) as one:
        one.refresh()
        with ImageIndex(file, [folder]) as other:
            for part in tmp_path.glob("index.sqlite3*"):
                part.unlink()
            assert one.count(Query()) == 4
            one.add_image(draw(tmp_path / "more.png"))
            assert other.count(Query()) == 5
        assert one.count(Query()) == 5


def test_many_that_open_a_new_index_at_once_all_find_it_whole(folder, tmp_path):
    file = tmp_path / "index.sqlite3"
    paths = [draw(tmp_path / "theirs" / f"{number}.png") for number in range(3)]
    windows = [Window(file, folder, path) for path in paths]
    for window in windows:
        window.do("add")
    for window in windows:
        assert window.do("count") == "3"
        window.close()
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    db.close()


def test_threads_that_open_a_new_index_at_once_open_the_same(folder, tmp_path):
    """As a window does at its first start. A second file would take the place of what the first was told."""
    together = Barrier(3)

    def opened(file):
        together.wait(30)
        ImageIndex(file, [folder]).close()

    for number in range(60):
        file = tmp_path / str(number) / "index.sqlite3"
        threads = [Thread(target=opened, args=(file,)) for _ in range(together.parties)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert [found.name for found in file.parent.glob("*.sqlite3")] == [file.name]
