from __future__ import annotations

import tempfile

import pytest

from sketchdesk.library.paths import runs_dir
from sketchdesk.workers.runner import JobRunner


@pytest.fixture
def make_runner(qapp, tmp_path, monkeypatch, fake_engine):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = []

    def make(work: str) -> JobRunner:
        made.append(JobRunner(command=fake_engine(work)))
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown()
    assert list(tmp_path.iterdir()) == []


def test_an_engine_tells_the_devices_and_no_run_is_left(qtbot, make_runner):
    runner = make_runner("studio")
    with qtbot.waitSignal(runner.devices_known, timeout=30_000) as known:
        runner.look_for_devices()
    assert [found.device for found in known.args[0]] == ["cpu"]
    assert runner.devices == known.args[0]
    assert runner.job_ids() == []
    assert not runs_dir().exists()


def test_an_engine_that_cannot_look_says_so(qtbot, make_runner):
    runner = make_runner("fails")
    with qtbot.waitSignal(runner.notice, timeout=30_000) as told:
        runner.look_for_devices()
    assert told.args[0].level == "warning"
    assert runner.devices == ()


def test_a_look_under_way_ends_with_the_runner(make_runner):
    make_runner("steps").look_for_devices()
