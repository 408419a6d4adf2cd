"""How busy the machine is: shares that add up, no more often than once a second."""

from __future__ import annotations

import time

import torch

from sketchdesk.engine import use
from sketchdesk.engine.use import Use


def test_a_process_that_works_is_busy_and_no_busier_than_its_machine(monkeypatch):
    monkeypatch.setattr(use, "LEAST_S", 0.3)
    watched = Use(torch.device("cpu"))
    assert watched.look() == {}, "too soon to tell anything but chance"
    end = time.process_time() + 0.4
    while time.process_time() < end:
        sum(range(1000))
    found = watched.look()
    assert set(found) == {"cpu", "cpu_all", "memory_now_gib"}
    assert 0 < found["cpu"] <= 100
    assert 0 < found["cpu_all"] <= 100
    assert 0 < found["memory_now_gib"] < 64
    assert watched.look() == {}


def test_a_card_whose_driver_tells_nothing_is_left_out_and_not_asked_again():
    """This machine has none: torch refuses, as it does where pynvml is missing."""
    watched = Use(torch.device("cpu"))
    watched._tells_card, found = True, {}
    watched._look_at_card(found)
    assert found == {}
    assert not watched._tells_card
