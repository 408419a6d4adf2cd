"""From the wizard to a student that is drawn with and compared: the whole window, over an engine that only counts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtGui import QAction

from sketchdesk.contracts.jobs import DistillJob, StudyJob
from sketchdesk.library.models.installed import SHIPPED
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.settings import Settings
from sketchdesk.ui.distilling.few_step_dialog import FewStepDialog
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING
from sketchdesk.ui.shell.palette_items import palette_items


@pytest.fixture
def window(qtbot, make_window) -> MainWindow:
    made = make_window("studio", Settings(language="en", num_threads=1))
    made.shelf.look()
    qtbot.waitUntil(lambda: bool(made.shelf.models), timeout=30_000)
    return made


def wizard(qtbot, window: MainWindow) -> FewStepDialog:
    qtbot.waitUntil(lambda: window.findChild(FewStepDialog) is not None, timeout=30_000)
    found = window.findChild(FewStepDialog)
    assert found is not None
    return found


def part(of, name: str):
    return of.findChild(object, name)


def fill(dialog: FewStepDialog) -> None:
    job = DistillJob(
        model="demo-base", out_dir="", prompts=("a zebra",), num_pairs=5, num_held_out_pairs=1, reflow_steps=4,
        distil_steps=4, validation_prompts=("a zebra",),
    )  # fmt: skip
    dialog.form.set_value(job)
    part(dialog, "few_step_name").setText("Quick")


def test_a_student_is_made_followed_drawn_with_and_compared(qtbot, window):
    window.frame.show_page(TRAINING)
    part(window, "few_step_new_action").trigger()
    dialog = wizard(qtbot, window)
    assert dialog.form.value().model == "demo-base"
    fill(dialog)
    part(dialog, "few_step_start").click()
    (job_id,) = window._runner.job_ids()
    page = window.training.page
    qtbot.waitUntil(lambda: page.selected is not None and page.selected.run.id == job_id, timeout=30_000)
    qtbot.waitUntil(lambda: page.selected.state is RunState.DONE, timeout=30_000)
    assert (Path(page.selected.job.out_dir).name, page.selected.job.num_threads) == ("Quick", 1)
    bars = [part(window, f"training_phase_{name}_bar") for name in ("pairs", "reflow", "distillation")]
    qtbot.waitUntil(lambda: [bar.value() for bar in bars] == [bar.maximum() for bar in bars])
    qtbot.waitUntil(lambda: "0.63" in page.dashboard.header._status.full_text)
    assert page.dashboard.below.strip._steps == [-1, 0, 8]

    part(window, "training_use_button").click()
    drawing = window.prompt.value()
    assert window.frame.page == GALLERY
    assert (Path(drawing.model).parent.name, drawing.num_inference_steps, drawing.guidance_scale) == ("Quick", 1, 1.0)

    window.frame.show_page(TRAINING)
    part(window, "training_compare_button").click()
    assert window.frame.page == EVALUATION
    study = next(job for each in window._runner.job_ids() if isinstance(job := window._runner.run(each).job, StudyJob))
    assert [model.model for model in study.models] == ["demo-base", drawing.model]
    assert study.models[1].num_inference_steps == 1 and study.timing is not None


def test_a_fork_of_a_distillation_is_the_wizard_with_its_settings(qtbot, window):
    part(window, "few_step_new_action").trigger()
    dialog = wizard(qtbot, window)
    fill(dialog)
    wanted = dialog.form.value()
    part(dialog, "few_step_start").click()
    page = window.training.page
    window.frame.show_page(TRAINING)
    qtbot.waitUntil(lambda: page.selected is not None and page.selected.state is RunState.DONE, timeout=30_000)
    part(window, "training_fork_button").click()
    again = wizard(qtbot, window)
    assert again.form.value() == msgspec.structs.replace(wanted, num_threads=1)  # as the settings said
    again.reject()


def test_the_models_tab_offers_it_for_a_model_that_draws_in_many_steps(qtbot, window):
    window.frame.show_page(MODELS)
    tab = window.models
    tab.set_models(window.shelf.models)
    assert tab.select("demo-base")
    button = part(tab, "model_few_step_button")
    qtbot.waitUntil(button.isVisible)
    button.click()
    dialog = wizard(qtbot, window)
    assert (dialog.form.value().model, dialog.form.value().dataset) == ("demo-base", "demo-colour")
    dialog.reject()
    made = [msgspec.structs.replace(each, teacher="x") for each in window.shelf.models]
    tab.set_models(made)
    tab.select("demo-base")
    assert not button.isVisible()
    assert {each.name for each in made} >= set(SHIPPED)


def test_the_menu_and_the_palette_have_it(window):
    action = window.findChild(QAction, "few_step_new_action")
    assert action.shortcut().toString() == "Ctrl+Shift+F"
    offered = palette_items(window._book, window.shelf, window._words.use_model, window._ways.show_run)
    assert "Make a model few-step" in [item.title.rstrip("…") for item in offered]
