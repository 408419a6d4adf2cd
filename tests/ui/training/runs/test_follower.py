"""A run is replayed from its folder and followed while it goes on, off the window's thread."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.events import JobEnded, JobStarted, PreviewReady, StageChanged
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.training.runs import follower as run_follower
from sketchdesk.ui.training.runs.follower import RunFollower
from sketchdesk.ui.training.runs.history import rows_of


@pytest.fixture
def follower(qtbot, background) -> RunFollower:
    made = RunFollower(background)
    yield made
    made.set_awake(False)


def test_a_finished_run_is_replayed(qtbot, follower, make_training):
    run = make_training(done=30)
    follower.follow([run])
    qtbot.waitUntil(lambda: follower.history(run.id).ended is not None)
    history = follower.history(run.id)
    assert history.numbers["loss"].steps.tolist() == list(range(1, 31))
    assert history.numbers["val_loss"].values.tolist() == [0.5, 0.25]
    assert [step for _prompt, step in history.samples] == [0, 30]
    assert history.step == 30
    assert rows_of(history.numbers_now())[0] == (0, {"val_loss": 0.5})


def test_a_long_log_comes_in_parts_and_whole(qtbot, follower, make_training, monkeypatch):
    monkeypatch.setattr(run_follower, "PART_BYTES", 4096)
    run = make_training(done=400)
    follower.follow([run])
    qtbot.waitUntil(lambda: follower.history(run.id).ended is not None)
    assert len(follower.history(run.id).numbers["loss"]) == 400


def test_a_run_at_work_is_followed_while_someone_looks(qtbot, follower, make_training, log, steps):
    run = make_training(done=5, state=RunState.RUNNING)
    follower.follow([run])
    follower.set_live(run.id, True)
    follower.set_awake(True)
    qtbot.waitUntil(lambda: follower.history(run.id).step == 5)
    log(run, *steps(6, 9))
    qtbot.waitUntil(lambda: follower.history(run.id).step == 9)
    assert follower.history(run.id).progress.eta_s == 90.0


def test_a_run_that_ended_while_nobody_looked_is_read_to_its_end(qtbot, follower, make_training, log, steps):
    run = make_training(done=5, state=RunState.RUNNING)
    follower.follow([run])
    follower.set_live(run.id, True)
    qtbot.waitUntil(lambda: follower.history(run.id).step == 5)
    log(run, JobEnded(state="done"))
    follower.set_live(run.id, False)
    qtbot.waitUntil(lambda: follower.history(run.id).ended is not None)


def test_a_resumed_run_goes_over_old_ground(qtbot, follower, make_training, log, steps):
    run = make_training(done=20, state=RunState.RUNNING)
    first = PreviewReady(path="again.png", prompt="a zebra", step=20)
    log(run, JobStarted(pid=2), StageChanged(stage="training"), *steps(11, 15), first)
    follower.follow([run])
    qtbot.waitUntil(lambda: follower.history(run.id).step == 15)
    history = follower.history(run.id)
    assert history.numbers["loss"].steps.tolist() == list(range(1, 16))
    assert history.samples["a zebra", 20].path == "again.png"


def test_who_is_not_wanted_any_more_is_forgotten_and_a_deleted_folder_harms_nobody(qtbot, follower, make_training):
    first, second = make_training("a"), make_training("b")
    follower.follow([first, second])
    follower.follow([second])
    (second.folder / "events.jsonl").unlink()
    with pytest.raises(KeyError):
        follower.history(first.id)
    qtbot.waitUntil(lambda: not any(each.is_reading for each in follower._runs.values()))
    assert follower.history(second.id).step in (0, 20)  # read before it was gone, or never
