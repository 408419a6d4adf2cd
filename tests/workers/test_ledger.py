"""The ledger writes files whole at once, has them synced beside the window, and tells of a disk that refuses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import JobEnded
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.library.runs import queue, runs
from sketchdesk.library.runs.state import RunState
from sketchdesk.workers.ledger import Ledger

posix_only = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs permissions that count")


@pytest.fixture
def synced(monkeypatch) -> list[str]:
    """The names of the files that were brought to the disk itself."""
    names: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    return names


@pytest.fixture
def ledger(qapp) -> Iterator[Ledger]:
    made = Ledger()
    yield made
    made.close()


def test_a_run_is_on_disk_when_the_call_returns(ledger):
    run = ledger.create(ProbeJob(), "one", "cpu")
    assert runs.load_run(run.id) == run
    assert runs.status_of(run).state is RunState.QUEUED
    ledger.save_order({"cpu": (run.id,)}, run.id)
    assert queue.load_queue() == {"cpu": (run.id,)}
    ledger.start(run)
    assert runs.status_of(run).pid == os.getpid()
    ledger.finish(run, JobEnded(job_id=run.id, state="done"))
    assert runs.status_of(run).state is RunState.DONE


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="looks at Linux's list of open files")
def test_what_was_written_is_synced_a_moment_later_and_all_of_it_by_the_end(qtbot, synced):
    ledger = Ledger()
    run = ledger.create(ProbeJob(), "one", "cpu")
    qtbot.waitUntil(lambda: {"job.json", "state.json", run.id} <= set(synced))
    synced.clear()
    ledger.start(run)
    ledger.save_order({}, run.id)
    ledger.close()
    assert {"state.json", "queue.json"} <= set(synced)


def test_a_run_deleted_by_somebody_is_no_error(qtbot, ledger, caplog):
    run = ledger.create(ProbeJob(), "one", "cpu")
    for file in run.folder.iterdir():
        file.unlink()
    run.folder.rmdir()
    ledger.close()
    assert "may not be on the disk" not in caplog.text


def test_an_impossible_step_is_logged_and_what_the_window_knows_stands(ledger, caplog):
    run = ledger.create(ProbeJob(), "one", "cpu")
    ledger.move(run, RunState.PAUSED)
    assert "could not be written down" in caplog.text
    assert runs.status_of(run).state is RunState.QUEUED


@posix_only
def test_a_disk_that_refuses_is_told(qtbot, ledger):
    run = ledger.create(ProbeJob(), "one", "cpu")
    run.folder.chmod(0o500)
    with qtbot.waitSignal(ledger.refused) as told:
        ledger.start(run)
    assert told.args[0].job_id == run.id
    run.folder.parent.chmod(0o500)
    try:
        with pytest.raises(SketchDeskError):
            ledger.create(ProbeJob(), "two", "cpu")
    finally:
        run.folder.parent.chmod(0o700)
        run.folder.chmod(0o700)
