"""The queue keeps its order through restarts, and loses no run when its file is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.library.runs import queue
from sketchdesk.library.runs.runs import Run, create_run, move, start
from sketchdesk.library.runs.state import RunState


def made(count: int, lane: str = "cpu") -> list[Run]:
    return [create_run(ProbeJob(), title=f"{lane} {number}", lane=lane) for number in range(count)]


def ids(*runs: Run) -> tuple[str, ...]:
    return tuple(run.id for run in runs)


def keep(*runs: Run) -> None:
    """Save the runs in this order, each in its own lane."""
    lanes: queue.Lanes = {}
    for run in runs:
        lanes[run.lane] = (*lanes.get(run.lane, ()), run.id)
    queue.save_queue(lanes)


def test_an_empty_desk_has_an_empty_queue() -> None:
    assert queue.load_queue() == {}


def test_runs_wait_in_the_order_that_was_kept_each_lane_on_its_own() -> None:
    a, b, c = made(3)
    (d,) = made(1, "cuda:0")
    keep(a, d, c, b)
    assert queue.load_queue() == {"cpu": ids(a, c, b), "cuda:0": ids(d)}


def test_another_process_finds_the_same_order() -> None:
    a, b, c = made(3)
    keep(c, a, b)
    code = "from sketchdesk.library.runs.queue import load_queue; print(*load_queue()['cpu'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert tuple(done.stdout.split()) == ids(c, a, b)


@pytest.mark.parametrize(
    "damage", [None, b"", b"{", b"[]", b'{"lanes": {"cpu": 3}}', b"\xff", b'{"lanes": {"cpu": ["x"]}}']
)
def test_a_lost_or_damaged_file_loses_no_run(data_folder: Path, damage: bytes | None) -> None:
    a, b = made(2)
    (c,) = made(1, "cuda:0")
    keep(b, a, c)
    if damage is None:
        (data_folder / "queue.json").unlink()
    else:
        (data_folder / "queue.json").write_bytes(damage)
    assert queue.load_queue() == {"cpu": ids(a, b), "cuda:0": ids(c)}


def test_a_run_the_file_does_not_know_comes_last() -> None:
    a, b = made(2)
    keep(b, a)
    (c,) = made(1)
    assert queue.load_queue() == {"cpu": ids(b, a, c)}


def test_a_run_named_twice_waits_once() -> None:
    a, b = made(2)
    keep(b, a, b)
    assert queue.load_queue() == {"cpu": ids(b, a)}


def test_runs_that_started_or_were_canceled_behind_the_queues_back_are_gone() -> None:
    a, b, c = made(3)
    keep(a, b, c)
    start(a, os.getpid())
    move(c, RunState.CANCELED)
    assert queue.load_queue() == {"cpu": ids(b)}


def test_an_interrupted_run_that_is_resumed_waits_again() -> None:
    (a,) = made(1)
    start(a, os.getpid())
    move(a, RunState.INTERRUPTED)
    assert queue.load_queue() == {}
    move(a, RunState.QUEUED)
    assert queue.load_queue() == {"cpu": ids(a)}
