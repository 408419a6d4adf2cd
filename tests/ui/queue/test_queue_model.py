from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Slot

from sketchdesk.contracts import text
from sketchdesk.contracts.events import StageChanged, StepDone
from sketchdesk.contracts.jobs import ProbeJob
from sketchdesk.library.evaluation.study_presets import preset_job
from sketchdesk.library.paths import resource
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.queue.queue_model import FRACTION_ROLE, JOB_ID_ROLE, Column, QueueModel
from sketchdesk.ui.sentences import job_text, progress_text, state_text, time_left_text
from sketchdesk.workers.runner import JobRunner


@pytest.fixture
def runner(qapp, fake_engine):
    runner = JobRunner(command=fake_engine("noisy"))
    yield runner
    runner.shutdown()


class Counter(QObject):
    count = 0

    @Slot()
    def on_change(self) -> None:
        self.count += 1


def test_two_thousand_steps_cost_a_handful_of_refreshes(qtbot, runner):
    model = QueueModel(runner)
    counter, steps = Counter(), Counter()
    model.dataChanged.connect(counter.on_change)
    runner.step_done.connect(steps.on_change)
    with qtbot.waitSignal(runner.job_ended, timeout=30_000):
        job_id = runner.submit(ProbeJob())
    assert steps.count == 2000
    assert counter.count < 400
    qtbot.waitUntil(lambda: not model._refresh.is_waiting)
    index = model.index(0, Column.STATE)
    assert (index.data(JOB_ID_ROLE), index.data(), index.data(FRACTION_ROLE)) == (job_id, "done", 1.0)


def test_a_new_model_shows_the_jobs_that_were_there_before_it(qtbot, runner):
    ids = [runner.submit(ProbeJob(), f"job {n}") for n in range(2)]
    model = QueueModel(runner)
    assert [model.job_id(row) for row in range(model.rowCount())] == ids
    assert [model.index(row, Column.TITLE).data() for row in range(2)] == ["job 0", "job 1"]
    assert model.index(1, Column.STATE).data() == "waiting"
    assert model.index(1, Column.PROGRESS).data(FRACTION_ROLE) is None


def test_every_state_has_a_word():
    assert len({state_text(state) for state in RunState}) == len(RunState)


@pytest.mark.parametrize(
    ("eta_s", "words"),
    [(0.4, "0 s left"), (59.4, "59 s left"), (90.0, "2 min left"), (5400.0, "1 h 30 min left")],
)
def test_time_left_is_said_in_the_unit_that_matters(eta_s, words):
    assert time_left_text(eta_s) == words


def test_a_study_of_one_click_is_called_by_its_title_in_the_language_in_use(monkeypatch):
    job = preset_job("both", "demo-base", "sketch-1")
    assert job_text(job, job.title) == "Study “The two experiments of the report”"
    monkeypatch.setattr(text, "_catalog", text._catalog)
    text.use_language(resource("translations"), "es")
    assert job_text(job, job.title) == "Estudio «Los dos experimentos del informe»"
    assert job_text(job, "Zorros") == "Estudio «Zorros»"


STEP = StepDone(step=3, total=8)


@pytest.mark.parametrize(
    ("stage", "step", "in_parts", "words"),
    [
        (None, None, False, "starting"),
        (None, STEP, False, "step 3 of 8"),
        (StageChanged(stage="loading", total=5), None, False, "loading the model"),
        (StageChanged(stage="encoding", index=1, total=5), STEP, False, "reading the data set · step 3 of 8"),
        (StageChanged(stage="training", index=3, total=5), STEP, False, "step 3 of 8"),
        (StageChanged(stage="drawing", index=3, total=11), STEP, True, "part 4 of 11 · step 3 of 8"),
        (StageChanged(stage="scoring", index=9, total=11), STEP, True, "part 10 of 11 · scoring · step 3 of 8"),
    ],
)
def test_what_only_prepares_the_steps_is_named_and_what_is_done_several_times_is_counted(stage, step, in_parts, words):
    assert progress_text(stage, step, in_parts) == words


def test_the_bar_of_a_study_does_not_begin_anew_with_every_model(qtbot, runner):
    model = QueueModel(runner)
    job_id = runner.submit(preset_job("both", "demo-base", "sketch-1"))
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.RUNNING)
    seen = []
    for index in (1, 3):
        runner.stage_changed.emit(StageChanged(job_id=job_id, stage="drawing", index=index, total=10))
        runner.step_done.emit(StepDone(job_id=job_id, step=4, total=8))
        seen.append(model.fraction(job_id))
    assert seen == [0.15, 0.35]
