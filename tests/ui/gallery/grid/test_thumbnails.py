from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from sketchdesk.ui.gallery.grid import thumbnails
from sketchdesk.ui.gallery.grid.thumbnails import Key, Thumbnails, side_for


class Reader:
    """Gives pictures of one colour, or waits at a gate; notes what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[Path] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, path: Path, side_px: int) -> QImage:
        self.asked.append(path)
        self.gate.wait()
        if path.name == "broken":
            return QImage()
        image = QImage(side_px, side_px, QImage.Format.Format_RGB32)
        image.fill(0)
        return image


@pytest.fixture
def reader():
    return Reader()


@pytest.fixture
def keeper(qapp, reader):
    keeper = Thumbnails(reader)
    yield keeper
    reader.gate.set()
    keeper.shutdown()


def key(name: str, version: int = 0, side_px: int = 128) -> Key:
    return Key(Path(name), version, side_px)


def read_all(qtbot, keeper: Thumbnails, *keys: Key) -> None:
    keeper.want(keys)
    qtbot.waitUntil(lambda: all(keeper.get(one) is not None for one in keys))


def test_what_is_wanted_arrives_and_is_read_once(qtbot, keeper, reader):
    assert keeper.get(key("a")) is None
    read_all(qtbot, keeper, key("a"), key("b"))
    keeper.want([key("a"), key("b")])
    assert keeper.get(key("a")).width() == 128
    assert sorted(reader.asked) == [Path("a"), Path("b")]


def test_what_was_scrolled_past_is_never_read(qtbot, keeper, reader):
    reader.gate.clear()
    keeper.want([key(f"past {number}") for number in range(100)])
    qtbot.waitUntil(lambda: len(reader.asked) == thumbnails.THREADS)
    keeper.want([key("seen")])
    reader.gate.set()
    qtbot.waitUntil(lambda: keeper.get(key("seen")) is not None)
    assert len(reader.asked) == thumbnails.THREADS + 1


def test_what_is_flung_past_is_not_read_but_what_stays_in_sight_is(qtbot, keeper, reader):
    read_all(qtbot, keeper, key("first"))
    keeper.want([key("first")])
    keeper.want([key("past"), key("stays")], [key("next")])
    keeper.want([key("stays"), key("last")], [key("below")])
    qtbot.waitUntil(lambda: keeper.get(key("below")) is not None and keeper.get(key("last")) is not None)
    assert sorted(path.name for path in reader.asked) == ["below", "first", "last", "stays"]


def test_what_is_being_read_is_not_begun_twice(qtbot, keeper, reader):
    reader.gate.clear()
    keeper.want([key("a")])
    qtbot.waitUntil(lambda: reader.asked == [Path("a")])
    keeper.want([key("a"), key("b")])
    reader.gate.set()
    qtbot.waitUntil(lambda: keeper.get(key("a")) is not None and keeper.get(key("b")) is not None)
    assert sorted(reader.asked) == [Path("a"), Path("b")]


def test_an_unreadable_file_is_known_as_such_and_not_read_again(qtbot, keeper, reader):
    read_all(qtbot, keeper, key("broken"))
    keeper.want([key("broken")])
    assert keeper.get(key("broken")).isNull()
    assert keeper.last_of(Path("broken")) is None
    assert len(reader.asked) == 1


def test_another_size_or_an_older_version_stands_in_until_the_right_one_is_there(qtbot, keeper):
    read_all(qtbot, keeper, key("a", version=1))
    assert keeper.get(key("a", version=2, side_px=256)) is None
    assert keeper.last_of(Path("a")).width() == 128
    read_all(qtbot, keeper, key("a", version=2, side_px=256))
    assert keeper.last_of(Path("a")).width() == 256


def test_what_was_not_seen_for_longest_makes_room(qtbot, keeper, monkeypatch):
    monkeypatch.setattr(thumbnails, "CACHE_BYTES", 2 * 128 * 128 * 4)
    read_all(qtbot, keeper, key("a"))
    read_all(qtbot, keeper, key("b"))
    assert keeper.get(key("a")) is not None  # seen again
    read_all(qtbot, keeper, key("c"))
    assert keeper.get(key("b")) is None
    assert keeper.last_of(Path("b")) is None
    assert keeper.get(key("a")) is not None


def test_a_file_that_is_gone_is_forgotten(qtbot, keeper):
    read_all(qtbot, keeper, key("a"), key("b"))
    keeper.forget([Path("a")])
    assert keeper.get(key("a")) is None
    assert keeper.get(key("b")) is not None


@pytest.mark.parametrize(("pixels", "side"), [(96, 128), (128, 128), (129, 256), (320, 512), (4000, 512)])
def test_few_sizes_serve_every_zoom(pixels, side):
    assert side_for(pixels) == side
