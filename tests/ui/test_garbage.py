"""What Qt lets die only in the window's thread dies there, whichever thread makes the objects."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from sketchdesk.ui.garbage import GarbageCollector


@pytest.fixture
def collector(qapp) -> Iterator[GarbageCollector]:
    made = GarbageCollector(qapp)
    yield made
    made.deleteLater()
    gc.unfreeze()


class Part(QObject):
    """Holds itself, as the parts of a window do."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def a_forgotten_part(died_in: list[int]) -> None:
    weakref.finalize(Part(), lambda: died_in.append(threading.get_ident()))


def many_objects() -> list[list[int]]:
    return [[number] for number in range(100_000)]


def test_garbage_is_collected_in_the_thread_of_the_window_alone(qtbot, collector):
    died_in: list[int] = []
    collector.begin()
    a_forgotten_part(died_in)
    thread = threading.Thread(target=many_objects)
    thread.start()
    thread.join(30)
    assert died_in == []
    kept = many_objects()
    qtbot.waitUntil(lambda: bool(died_in))
    assert died_in == [threading.get_ident()]
    assert kept


def test_what_is_there_at_the_beginning_is_not_looked_through(qtbot, collector):
    died_in: list[int] = []
    a_forgotten_part(died_in)
    collector.begin()
    gc.collect()
    assert died_in == []
