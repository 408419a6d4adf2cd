"""A model made few-step by the real engine, from the wizard to a picture in one step."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from sketchdesk.library.distillation.report import read_report
from sketchdesk.library.paths import models_dir, training_dir
from sketchdesk.ui.training.runs.history import TEACHER_STEP

pytestmark = pytest.mark.usefixtures("known_machine")


def test_from_the_wizard_to_a_picture_in_one_step(open_window, home, tiny_sd: Path):
    shutil.copytree(tiny_sd, models_dir() / "tiny")
    person = open_window()
    person.press("welcome_close_button")
    person.press("nav_training_button")
    person.wait(lambda: any(model.path.name == "tiny" for model in person.window.shelf.models))
    person.do("few_step_new_action")
    person.wait_for("few_step_start")
    person.choose("few_step_model", "tiny")
    person.write("few_step_name", "Quick")
    person.write("few_step_num_pairs", "4")
    person.find("few_step_dataset").setEditText("")
    person.find("few_step_prompts").setPlainText("a zebra\na castle")
    person.find("few_step_watched").setPlainText("a zebra")
    person.find("few_step_more_button").setChecked(True)
    for name, value in (
        ("num_held_out_pairs", "2"), ("num_inference_steps", "2"), ("reflow_steps", "2"), ("distil_steps", "1"),
        ("train_batch_size", "2"), ("lr_warmup_steps", "0"), ("num_threads", "1"),
    ):  # fmt: skip
        person.find(f"few_step_{name}").setText(value)
    person.press("few_step_start")
    person.wait_told("The few-step model “Quick” is done.")

    dashboard = person.window.training.page.dashboard
    person.wait(lambda: dashboard.below.strip._steps == [TEACHER_STEP, 0, 3])
    report = read_report(training_dir() / "Quick")
    assert report is not None and (report.pairs, report.held_out) == (4, 2)

    person.press("training_use_button")
    view = person.find("prompt_list")
    person.click_row(view, 0)
    person.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, on=view)
    person.key(Qt.Key.Key_Delete, on=view)
    person.write("prompt_entry", "a zebra")
    person.write("prompt_count", "1")
    person.press("generate_button")
    gallery = person.window.gallery
    person.wait(lambda: len(gallery.cells.ids) == 1)
    drawn = person.window.prompt.value()
    assert (Path(drawn.model).parent.name, drawn.num_inference_steps, drawn.guidance_scale) == ("Quick", 1, 1.0)
