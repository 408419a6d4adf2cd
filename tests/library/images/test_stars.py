"""Stars are given and taken, outlive the window, and survive whatever stands in their file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.images.stars import Stars, move_stars
from sketchdesk.library.paths import stars_file


def test_a_star_is_there_after_the_window_was_closed(tmp_path):
    stars = Stars.load()
    assert stars.toggle([tmp_path / "a.png", tmp_path / "b.png"]) is True
    again = Stars.load()
    assert tmp_path / "a.png" in again.paths
    assert again.paths == stars.paths == {tmp_path / "a.png", tmp_path / "b.png"}
    assert tmp_path / "c.png" not in again.paths


def test_some_with_and_some_without_are_all_starred_first(tmp_path):
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    stars = Stars.load()
    stars.toggle([a])
    assert stars.toggle([a, b]) is True
    assert stars.paths == {a, b}
    assert stars.toggle([a, b]) is False
    assert stars.paths == Stars.load().paths == set()


def test_what_another_window_starred_is_kept(tmp_path):
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    mine, theirs = Stars.load(), Stars.load()
    theirs.toggle([a])
    mine.toggle([b])
    assert mine.paths == {a, b}


def test_relative_paths_are_the_same_images(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stars = Stars.load()
    stars.toggle([Path("a.png")])
    assert tmp_path / "a.png" in stars.paths


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are not text")
def test_a_file_name_that_is_not_text_can_have_a_star(tmp_path):
    odd = tmp_path / "odd-\udcff.png"
    Stars.load().toggle([odd])
    assert odd in Stars.load().paths


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1}', b"[1]", b"\xff", b"[" * 100_000])
def test_a_file_that_is_none_is_set_aside(tmp_path, content):
    stars_file().write_bytes(content)
    stars = Stars.load()
    assert stars.paths == set()
    (aside,) = stars_file().parent.glob("stars-set-aside-*.json")
    assert aside.read_bytes() == content
    stars.toggle([tmp_path / "a.png"])
    assert json.loads(stars_file().read_text()) == [str(tmp_path / "a.png")]


def test_where_nothing_can_be_written_nothing_changes(tmp_path, home):
    stars = Stars.load()
    stars_file().mkdir()
    with pytest.raises(SketchDeskError) as caught:
        stars.toggle([tmp_path / "a.png"])
    assert caught.value.kind is ErrorKind.NOT_WRITABLE
    assert stars.paths == set()


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_stars_that_cannot_be_read_are_not_written_over(tmp_path):
    a, b = tmp_path / "a.png", tmp_path / "b.png"
    stars = Stars.load()
    stars.toggle([a])
    kept = stars_file().rename(tmp_path / "kept.json")
    stars_file().symlink_to(stars_file())  # there, and cannot be read
    for change in (lambda: stars.toggle([b]), lambda: move_stars({a: b})):
        with pytest.raises(SketchDeskError) as caught:
            change()
        assert caught.value.kind is ErrorKind.NOT_WRITABLE
    assert Stars.load().paths == set()
    assert stars_file().is_symlink()
    assert json.loads(kept.read_text()) == [str(a)]
