"""The order of the jobs that wait, without any engine."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import RunState
from sketchdesk.workers.job_table import JobTable


def table(**states: RunState) -> JobTable:
    made = JobTable()
    for name, state in states.items():
        lane = "cuda:0" if name.startswith("gpu") else "cpu"
        made.put(Run(id=name, folder=Path(name), title=name, created="", lane=lane, job=ProbeJob()), state)
    return made


def test_each_lane_has_its_own_order():
    jobs = table(a=RunState.RUNNING, b=RunState.QUEUED, gpu1=RunState.QUEUED, c=RunState.QUEUED)
    assert jobs.order() == {"cpu": ("b", "c"), "cuda:0": ("gpu1",)}
    jobs.to_end("b")
    assert jobs.waiting("cpu") == ["c", "b"]
    assert jobs.waiting("mps") == []


def test_a_job_is_moved_among_those_of_its_lane():
    jobs = table(a=RunState.QUEUED, gpu1=RunState.QUEUED, b=RunState.QUEUED, c=RunState.QUEUED)
    jobs.move("c", 0)
    assert jobs.waiting("cpu") == ["c", "a", "b"]
    jobs.move("c", 99)
    assert jobs.waiting("cpu") == ["a", "b", "c"]
    assert jobs.waiting("cuda:0") == ["gpu1"]


def test_what_a_job_may_become_is_asked_of_jobs_that_are_here():
    jobs = table(a=RunState.QUEUED)
    assert jobs.can("a", RunState.RUNNING)
    assert not jobs.can("gone", RunState.RUNNING)
    jobs.drop("a")
    assert "a" not in jobs
    assert jobs.ids == []
