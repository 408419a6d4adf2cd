"""Reading ahead: in order, not far, with errors where they belong."""

from __future__ import annotations

import threading

import pytest

from sketchdesk.engine.evaluation.read_ahead import ReadAhead


def test_everything_comes_in_order_made_in_other_threads():
    main = threading.get_ident()
    found = list(ReadAhead(range(200), lambda number: (number * 2, threading.get_ident())))
    assert [(given, made[0]) for given, made in found] == [(number, number * 2) for number in range(200)]
    assert all(thread != main for _given, (_made, thread) in found)


def test_no_more_is_taken_than_asked_for():
    taken = []

    def numbers():
        for number in range(100):
            taken.append(number)
            yield number

    for place, _pair in enumerate(ReadAhead(numbers(), str, ahead=4)):
        assert len(taken) <= place + 5


def test_an_error_is_raised_at_its_place():
    found = []
    with pytest.raises(ZeroDivisionError):
        for given, made in ReadAhead([2, 1, 0, 3], lambda number: 6 // number):
            found.append((given, made))
    assert found == [(2, 3), (1, 6)]


def test_stopping_early_leaves_no_thread():
    for _pair in ReadAhead(range(100), str):
        break
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("read-ahead")]


def test_waiting_is_counted():
    gate = threading.Event()
    threading.Timer(0.05, gate.set).start()
    ahead = ReadAhead([1], lambda number: gate.wait() and number)
    assert list(ahead) == [(1, 1)]
    assert ahead.waited_s > 0
