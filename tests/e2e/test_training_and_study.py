"""The report's loop: train a style, lose the engine on the way, compare base and tuned, and measure the difference."""

from __future__ import annotations

import csv
import os
import re
import signal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel

from sketchdesk.contracts.events import JobStarted
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.evaluation.results.prompt_model import Column

pytestmark = pytest.mark.usefixtures("known_machine")

KEY, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier
STEPS = 6


def only_job(person) -> str:
    (job_id,) = person.runner.job_ids()
    return job_id


def engine_of(person, job_id: str) -> int:
    """The process that does a job, as it told itself."""
    events, _end = read_events(person.runner.run(job_id).folder)
    return [event.pid for event in events if isinstance(event, JobStarted)][-1]


def train(person) -> None:
    """Fill in the recipe and start it."""
    person.press("nav_training_button")
    person.wait_for("training_start_button")
    person.write("training_name", "Quick sketch")
    person.write("training_max_train_steps", str(STEPS))
    person.write("training_train_batch_size", "4")
    person.choose("training_optimizer", "AdamW")
    person.find("training_prompts").clear()
    if not person.find("training_checkpointing_steps").isVisible():
        person.press("training_more_button")
    person.write("training_checkpointing_steps", "2")
    person.write("training_max_train_samples", "16")
    person.write("training_validation_share", "0")
    person.press("training_start_button")


def export(person, what: str, target: Path) -> None:
    """Export the study on show, choosing the place in the dialog."""
    person.do(f"evaluation_export_{what}")
    person.wait_for("evaluation_export_dialog")
    dialog = person.find("evaluation_export_dialog", QFileDialog)
    dialog.setDirectory(str(target.parent))
    dialog.selectFile(target.name)
    dialog.accept()
    person.wait_told(str(target))


def lose_the_engine(person) -> None:
    """Hold the training, let it go on, lose its engine while it is held once more, and go on to its end."""
    header = person.window.training.page.dashboard.header

    def step() -> int:
        found = re.search(r"step (\d+) of 6", header._status.full_text)
        return int(found[1]) if found else 0

    person.wait(lambda: step() >= 1)
    job_id = only_job(person)
    person.press("training_pause_button")
    person.wait(lambda: person.find("training_pause_button").text() == "Resume")
    person.press("training_pause_button")
    person.wait(lambda: step() >= 3)
    person.press("training_pause_button")
    person.foresees_errors = True
    os.kill(engine_of(person, job_id), signal.SIGKILL)
    person.wait(lambda: person.runner.state(job_id) is RunState.FAILED)
    assert "SIGKILL" in person.window.messages.text
    person.wait_for("training_resume_button")
    person.wait(lambda: re.fullmatch(r"Resume at step [24] of 6", person.find("training_resume_button").text()))
    person.press("message_close_button")
    person.foresees_errors = False
    person.press("training_resume_button")
    person.wait_told("The training “Quick sketch” is done.")


def draw_beside_the_base(person) -> None:
    """Draw with what was trained, beside the base and at its seed."""
    person.press("training_use_button")
    model = person.find("prompt_model")
    assert model.currentText() == "Quick-sketch"
    view = person.find("prompt_list")
    person.click_row(view, 0)
    person.key(KEY.Key_A, CONTROL, on=view)
    person.key(KEY.Key_Delete, on=view)
    person.write("prompt_entry", "a zebra")
    person.write("prompt_steps", "4")
    person.write("prompt_count", "1")
    person.press("draw_pair_button")
    gallery = person.window.gallery
    person.wait(lambda: len(gallery.cells.ids) == 2)
    person.press("gallery_compare_button")
    person.wait(lambda: gallery.comparing.pair is not None)
    left, right = gallery.comparing.pair
    assert left.record.model == "demo-base" and right.record.model.endswith("Quick-sketch/model")
    assert left.record.seed == right.record.seed
    assert left.path.read_bytes() != right.path.read_bytes()
    person.key(KEY.Key_Escape, on=gallery.comparing)


def test_from_a_training_that_loses_its_engine_to_an_exported_report(open_window, home, tmp_path):
    person = open_window()
    person.press("welcome_close_button")
    train(person)
    lose_the_engine(person)
    draw_beside_the_base(person)

    # A study of both, cut short: the one-click study with one prompt and two seeds.
    person.press("nav_evaluation_button")
    person.do("evaluation_own_study")
    person.find("study_prompts").setPlainText("a zebra")
    person.write("study_seeds", "5-6")
    person.write("study_steps", "4")
    stages: list[str] = []
    person.runner.stage_changed.connect(lambda event: stages.append(event.stage))
    person.press("study_form_start")
    person.wait_told("The study “The two experiments of the report” is done.")
    person.wait_for("evaluation_result")
    assert len(set(stages)) >= 3

    # What it found: a table with an interval, what BLIP saw, and how it was measured.
    table = person.find("evaluation_prompts").model()
    assert table.rowCount() == 1
    assert table.index(0, Column.PROMPT).data() == "a zebra"
    assert re.search(r"[+−-]?\d\.\d+ \[", table.index(0, Column.DIFFERENCE).data(Qt.ItemDataRole.AccessibleTextRole))
    assert person.find("evaluation_captions").model().rowCount() == 4
    assert person.find("evaluation_verdict", QLabel).text()

    # Taken elsewhere: the scores as CSV, the report as one page.
    export(person, "scores", tmp_path / "scores.csv")
    with (tmp_path / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert {(row["experiment"], row["model"], row["seed"]) for row in rows} == {
        (variant, model, seed) for variant in "12" for model in ("base", "tuned") for seed in "56"
    }
    assert all(-1 <= float(row["cosine"]) <= 1 and row["caption"] for row in rows)
    export(person, "report", tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "a zebra" in page and "data:image/" in page and "</html>" in page
