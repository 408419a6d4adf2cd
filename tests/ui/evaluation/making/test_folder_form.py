"""The form that scores a folder."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLabel, QLineEdit

from sketchdesk.contracts.jobs import EvaluateJob
from sketchdesk.ui.evaluation.making.folder_form import FolderForm


@pytest.fixture
def form(qtbot, models):
    made = FolderForm()
    qtbot.addWidget(made)
    made.set_models(models)
    return made


def test_an_empty_form_cannot_start_but_marks_nothing(form):
    assert list(form.problems()) == ["folder"]
    assert form.findChild(QLabel, "score_folder_problem").isHidden()


@pytest.mark.parametrize("text", ["/nowhere/at/all", "x" * 5000, "~nobody-here/x", "\0"])
def test_a_folder_that_is_none_is_marked(form, text):
    form.findChild(QLineEdit, "score_folder").setText(text)
    assert form.problems()["folder"] == "There is no such folder."
    assert not form.findChild(QLabel, "score_folder_problem").isHidden()


def test_a_dropped_folder_and_list_are_taken(form, tmp_path):
    prompts = tmp_path / "p.csv"
    prompts.write_text("prompt\nx\n", encoding="utf-8")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in (tmp_path, prompts)])
    form.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )
    form.findChild(QLineEdit, "score_prefix").setText("  in   ink ")
    assert form.value() == EvaluateJob(
        images_dir=str(tmp_path), prompts_file=str(prompts), scorer_prefix="in ink", out_dir=""
    )
    assert form.problems() == {}
    prompts.unlink()
    assert form.problems() == {"prompts": "There is no such file."}


def test_a_job_goes_through_the_form(form, tmp_path):
    job = EvaluateJob(
        images_dir=str(tmp_path), out_dir="", metrics=("clip",), clip_model="/my/clip", batch_size=3, device="cpu"
    )
    form.set_value(job)
    assert form.value() == job
