"""A thousand changes, a handful of refreshes."""

from __future__ import annotations

import pytest

from sketchdesk.ui.refresh import Refresh


@pytest.fixture
def heard(qapp):
    """A Refresh and what it told."""
    refresh, told = Refresh(), []
    refresh.due.connect(told.append)
    return refresh, told


def test_what_changes_often_is_told_once_and_soon(qtbot, heard):
    refresh, told = heard
    for number in range(1000):
        refresh.touch(f"job {number % 3}")
    assert (told, refresh.is_waiting) == ([], True)
    qtbot.waitUntil(lambda: bool(told))
    assert (told, refresh.is_waiting) == ([{"job 0", "job 1", "job 2"}], False)
    refresh.touch("job 7")
    qtbot.waitUntil(lambda: len(told) == 2)
    assert told[1] == {"job 7"}


def test_it_can_be_told_at_once_and_is_then_not_told_again(qtbot, heard):
    refresh, told = heard
    refresh.touch("a")
    refresh.tell()
    assert (told, refresh.is_waiting) == ([{"a"}], False)
    refresh.tell()
    assert len(told) == 1


def test_what_is_forgotten_is_not_told(heard):
    refresh, told = heard
    refresh.touch("a")
    refresh.clear()
    assert not refresh.is_waiting
    refresh.tell()
    assert told == []


def test_what_changes_while_it_is_told_is_told_next_time(qtbot, heard):
    refresh, told = heard
    refresh.due.connect(lambda names: refresh.touch("b") if "a" in names else None)
    refresh.touch("a")
    qtbot.waitUntil(lambda: told == [{"a"}, {"b"}])
