from __future__ import annotations

import shutil

import pytest

from sketchdesk.library.system import SystemLoad
from sketchdesk.ui.shell import system_watch
from sketchdesk.ui.shell.status import StatusLine
from sketchdesk.ui.shell.system_watch import SystemWatch
from sketchdesk.workers.runner import JobRunner


@pytest.fixture
def watch(qapp, home):
    watch = SystemWatch(home)
    yield watch
    watch.shutdown()


def test_the_status_shows_what_the_machine_has(qtbot, watch):
    runner = JobRunner()
    status = StatusLine(runner)
    qtbot.addWidget(status)
    watch.measured.connect(status.show_load)
    with qtbot.waitSignal(watch.measured):
        watch.start()
    assert "GiB" in status._memory.text()
    assert "free" in status._disk.text()
    assert status._engine.text() == "engine asleep"
    assert not status._gpu.isVisibleTo(status)
    runner.shutdown()


def test_a_deleted_data_folder_is_made_again_and_told(qtbot, watch, home):
    shutil.rmtree(home)
    with qtbot.waitSignals([watch.folder_made_again, watch.message]):
        watch.start()
    assert home.is_dir()


def test_a_data_folder_that_somebody_else_made_again_is_told_too(qtbot, watch, home):
    home.rename(home.with_name("away"))
    home.mkdir()
    with qtbot.waitSignals([watch.folder_made_again, watch.message]):
        watch.start()


def test_a_nearly_full_disk_is_told_once(qtbot, watch, monkeypatch):
    low = SystemLoad(memory_used_gib=1.0, memory_total_gib=2.0, disk_free_gib=0.5, folder_id=watch._folder_id)
    monkeypatch.setattr(system_watch, "read_system", lambda folder: low)
    told = []
    watch.message.connect(told.append)
    for _number in range(3):
        with qtbot.waitSignal(watch.measured):
            watch.look()
    (message,) = told
    assert message.level == "warning"
    assert "0.5 GiB" in message.text
