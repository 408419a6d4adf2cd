from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from sketchdesk.library.index.index import TELL_EVERY, ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.ui.gallery.catalogue.reading_bar import WORTH_SHOWING, ReadingBar
from sketchdesk.ui.gallery.catalogue.walking import Walking, _Walk, _work

MANY = WORTH_SHOWING + 100


@pytest.fixture
def many(home) -> None:
    """So many pictures that reading them is worth showing."""
    images_dir().mkdir(parents=True)
    for number in range(MANY):
        Image.new("RGB", (2, 2)).save(images_dir() / f"{number}.png")


@pytest.fixture
def walking(qapp, many) -> Iterator[Walking]:
    walking = Walking(index_file(), (images_dir(),))
    yield walking
    walking.close()


@pytest.fixture
def bar(qtbot, walking) -> ReadingBar:
    bar = ReadingBar()
    qtbot.addWidget(bar)
    bar.use(walking)
    return bar


def known() -> int:
    with ImageIndex(index_file(), [images_dir()]) as index:
        return index.count(Query())


def press(qtbot, bar: ReadingBar, name: str) -> None:
    qtbot.mouseClick(bar.findChild(QPushButton, f"gallery_reading_{name}_button"), Qt.MouseButton.LeftButton)


def test_a_walk_that_is_stopped_goes_on_only_when_asked(qtbot, walking, bar):
    bar.resize(900, 40)
    with qtbot.waitSignal(walking.stopped) as stopped:
        walking.walk()
        walking.stop()  # before it knows what there is
    assert stopped.args == [-1]
    assert known() == 0
    assert bar._text.text() == "The folders were not read to their end."
    walking.walk(asked=False)
    assert walking._walk is None
    with qtbot.waitSignal(walking.walked):
        press(qtbot, bar, "continue")
    assert known() == MANY
    qtbot.waitUntil(bar.isHidden)


def test_what_was_read_when_it_is_stopped_stays(walking):
    walk = _Walk(False, threading.Event())
    with ImageIndex(index_file(), [images_dir()]) as index:
        _work(walk, walking._thread, lambda _done, _total: walk.stop.set(), index)
    assert walk.is_stopped
    assert (walk.done, walk.total, known()) == (TELL_EVERY, MANY, TELL_EVERY)


def test_the_bar_shows_how_far_it_is_and_its_button_stops(qtbot, walking, bar):
    bar.resize(900, 40)
    bar.set_progress(1234, 100_000)
    assert bar._text.text() == "Reading pictures: 1,234 of 100,000"
    assert (bar._bar.value(), bar._bar.maximum()) == (1234, 100_000)
    walking.walk()
    press(qtbot, bar, "stop")
    with qtbot.waitSignal(walking.stopped):
        pass
    assert bar._continue.isVisibleTo(bar) and not bar._stop.isVisibleTo(bar)
    bar.set_left(1234)
    assert bar._text.text() == "1,234 pictures are not read yet."


def test_few_pictures_are_not_worth_a_line(qtbot, bar):
    bar.set_progress(3, WORTH_SHOWING - 1)
    assert bar.isHidden()


def test_a_rebuild_reads_everything_anew(qtbot, walking):
    with qtbot.waitSignal(walking.walked):
        walking.walk()
    totals: set[int] = set()
    walking.progressed.connect(lambda _done, total: totals.add(total))
    with qtbot.waitSignal(walking.walked):
        walking.walk()
    assert not totals
    with qtbot.waitSignal(walking.walked):
        walking.walk(rebuild=True)
    assert (totals, known()) == ({MANY}, MANY)


def test_a_rebuild_asked_for_while_it_reads_comes_next(qtbot, walking):
    with qtbot.waitSignal(walking.walked):
        walking.walk()
    totals: set[int] = set()
    works: list[bool] = []
    walking.progressed.connect(lambda _done, total: totals.add(total))
    walking.at_work.connect(works.append)
    with qtbot.waitSignal(walking.walked), qtbot.assertNotEmitted(walking.stopped):
        walking.walk()
        walking.walk(rebuild=True)
    assert (totals, known(), works) == ({MANY}, MANY, [True, False])


def test_who_stops_it_stops_the_rebuild_that_was_to_come_too(qtbot, walking):
    walking.walk()
    walking.walk(rebuild=True)
    with qtbot.waitSignal(walking.stopped):
        walking.stop()
    assert walking._walk is None
