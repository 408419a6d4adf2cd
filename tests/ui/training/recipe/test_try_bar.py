"""A recipe tried from the form: by the real engine with the demo's model, and stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import TrainJob, TrialJob
from sketchdesk.library.models.installed import list_models
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.settings import Settings
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.training.training_tab import TrainingTab
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(4):
        Image.new("RGB", (128, 128), (60 * number, 90, 160)).save(folder / f"{number}.png")
        (folder / f"{number}.txt").write_text(f"picture {number}")
    return folder


@pytest.fixture
def make_tab(qtbot, pictures, fake_engine) -> Iterator[Callable[..., TrainingTab]]:
    made: list[tuple[TrainingTab, JobRunner]] = []

    def make(work: str | None) -> tuple[TrainingTab, JobRunner]:
        runner = JobRunner(command=fake_engine(work), graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5))
        tab = TrainingTab(runner, SettingsStore(Settings()))
        made.append((tab, runner))
        qtbot.addWidget(tab)
        tab.set_models(list_models())
        tab.resize(1280, 700)
        tab.show()
        recipe = tab.page.recipe
        recipe.form.set_value(TrainJob(
            model="demo-base", dataset=str(pictures), out_dir="", train_batch_size=1, precision="fp32", device="cpu",
            num_threads=1, max_train_steps=100,
        ))  # fmt: skip
        qtbot.waitUntil(lambda: part(tab, "try_button").isEnabled(), timeout=30_000)
        return tab, runner

    yield make
    for tab, runner in made:
        tab.shutdown()
        runner.shutdown()


def part(tab: TrainingTab, name: str):
    return tab.findChild(object, f"training_{name}")


def test_a_recipe_is_tried_and_the_forecast_says_what_it_took(qtbot, make_tab):
    tab, runner = make_tab(None)
    qtbot.waitUntil(lambda: part(tab, "forecast_memory").text() != "not known yet", timeout=30_000)
    assert part(tab, "forecast_time").text() == "not known yet"
    with qtbot.waitSignal(runner.job_ended, timeout=120_000) as told:
        part(tab, "try_button").click()
        assert not part(tab, "try_button").isVisible()
        assert part(tab, "try_stop").isVisible()
    (ended,) = told.args
    assert ended.state == "done", ended.details
    seconds, gib = ended.result["step_s"], ended.result["memory_gib"]
    qtbot.waitUntil(lambda: "measured" in part(tab, "forecast_memory").text(), timeout=30_000)
    assert part(tab, "forecast_memory").text().endswith(f"measured {gib:.1f} GiB in an earlier run")
    assert part(tab, "forecast_time").text().endswith(f"; a step took {seconds:.2f} s")
    qtbot.waitUntil(lambda: part(tab, "try_button").isVisible())
    assert tab.page.model.trainings == []  # it is no training, and stands in no list of them


def test_a_trial_that_takes_too_long_is_stopped(qtbot, make_tab):
    tab, runner = make_tab("steps")
    part(tab, "try_button").click()
    (job_id,) = runner.job_ids()
    job = runner.run(job_id).job
    assert isinstance(job, TrialJob)
    assert job.training == tab.page.recipe.form.value()
    qtbot.waitUntil(lambda: part(tab, "try_progress").value() > 0, timeout=30_000)
    assert part(tab, "try_status").full_text.startswith("step ")
    part(tab, "try_stop").click()
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.CANCELED, timeout=30_000)
    qtbot.waitUntil(lambda: part(tab, "try_button").isVisible(), timeout=30_000)
    assert not part(tab, "try_stop").isVisible()


def test_what_is_wrong_with_a_recipe_cannot_be_tried(qtbot, make_tab):
    tab, runner = make_tab("steps")
    part(tab, "learning_rate").setText("fast")
    assert not part(tab, "try_button").isEnabled()
    tab.page.recipe.try_out()
    assert runner.job_ids() == []
