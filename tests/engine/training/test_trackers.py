"""Trackers get what is logged; missing, failing or hanging, they are told once and the training never notices."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from sketchdesk.contracts.events import Event, MetricLogged, Notice
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import trackers
from sketchdesk.engine.training.trackers import tracked

TRACKIO = """
import json, threading
from pathlib import Path

class Run:
    def log(self, values, step=None, **more):
        {log}
        told = Path({told!r})
        told.write_text((told.read_text() if told.exists() else "") + json.dumps([step, values]) + "\\n")

    def finish(self):
        with Path({told!r}).open("a") as file:
            file.write(json.dumps("finished") + "\\n")

class Config(dict):
    def update(self, values, allow_val_change=False):
        Path({told!r} + ".settings").write_text(json.dumps(values))

config = Config()

def init(project, name, **more):
    {init}
    return Run()
"""


@pytest.fixture
def job(tmp_path: Path) -> TrainJob:
    return TrainJob(model="m", dataset="d", out_dir=str(tmp_path / "my run"), tracker="trackio", learning_rate=1e-3)


@pytest.fixture
def trackio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A package of that name that writes down what it is told, or does what a test wants of it."""

    def install(log: str = "pass", init: str = "pass") -> Path:
        told = tmp_path / "told.jsonl"
        place = tmp_path / "packages"
        place.mkdir()
        (place / "trackio.py").write_text(TRACKIO.format(told=str(told), log=log, init=init))
        monkeypatch.syspath_prepend(str(place))
        monkeypatch.delitem(sys.modules, "trackio", raising=False)
        return told

    yield install
    sys.modules.pop("trackio", None)


def train(job: TrainJob, steps: int = 2) -> list[Event]:
    """What a training does as far as a tracker can tell."""
    events: list[Event] = []
    reporter = Reporter(events.append)
    with tracked(job, reporter):
        for step in range(1, steps + 1):
            reporter.emit(MetricLogged(step=step, values={"loss": 1 / step}))
    reporter.emit(MetricLogged(step=99, values={"loss": 0.0}))
    return events


def notices(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Notice)]


def test_a_tracker_gets_the_settings_and_every_number_and_is_finished(job, trackio):
    told = trackio()
    events = train(job)
    assert [json.loads(line) for line in told.read_text().splitlines()] == [
        [1, {"loss": 1.0}], [2, {"loss": 0.5}], "finished",
    ]  # fmt: skip
    assert json.loads(told.with_name("told.jsonl.settings").read_text())["learning_rate"] == 1e-3
    assert [event.step for event in events if isinstance(event, MetricLogged)] == [1, 2, 99]
    assert notices(events) == []


@pytest.mark.parametrize("trouble", [
    {"init": "raise SystemExit('no key')"}, {"log": "raise OSError('no network')"}, {"init": "import no_such_package"},
])  # fmt: skip
def test_one_that_fails_is_told_once_and_ends_nothing(job, trackio, trouble):
    trackio(**trouble)
    events = train(job, steps=50)
    assert len([event for event in events if isinstance(event, MetricLogged)]) == 51
    (told,) = notices(events)
    assert "trackio" in told
    assert any(reason in told for reason in ("no key", "no network", "no_such_package"))


def test_one_that_hangs_is_given_up(job, trackio, monkeypatch):
    trackio(init="threading.Event().wait()")
    monkeypatch.setattr(trackers, "CLOSE_S", 0.05)
    (told,) = notices(train(job))
    assert "does not answer" in told


def test_without_a_tracker_nothing_is_started(trackio):
    told = trackio()
    train(TrainJob(model="m", dataset="d", out_dir="o"))
    assert not told.exists()


def test_tensorboards_file_holds_the_numbers(job, tmp_path):
    pytest.importorskip("tensorboard")
    import msgspec
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    assert notices(train(msgspec.structs.replace(job, tracker="tensorboard"))) == []
    found = EventAccumulator(str(tmp_path / "my run" / "trackers" / "my run"))
    found.Reload()
    assert [(one.step, one.value) for one in found.Scalars("loss")] == [(1, 1.0), (2, 0.5)]
