"""The list of further metrics: what is chosen comes back, and what is missing is said."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QLineEdit

from sketchdesk.contracts.jobs import EvaluateJob, MetricSources
from sketchdesk.ui.evaluation.making.folder_form import FolderForm
from sketchdesk.ui.evaluation.making.study_form import StudyForm


@pytest.fixture
def form(qtbot, models):
    made = FolderForm()
    qtbot.addWidget(made)
    made.set_models(models)
    made.show()
    return made


def test_a_chosen_metric_shows_what_it_needs_and_says_what_is_missing(form, tmp_path):
    line, box = form.findChild(QLineEdit, "score_reference"), form.findChild(QCheckBox, "score_cmmd_box")
    assert line.parentWidget().isHidden()
    box.setChecked(True)
    assert not line.parentWidget().isHidden()
    assert "CMMD" in form.problems()["scoring"]
    assert form.findChild(QLabel, "score_metrics_problem").text() == form.problems()["scoring"]
    line.setText(str(tmp_path))
    assert "scoring" not in form.problems()
    assert form.value().metrics == ("clip", "blip", "cmmd")
    assert form.value().sources == MetricSources(reference=str(tmp_path))


def test_a_folder_that_is_no_such_model_is_marked_at_its_field(form, tiny_clip, tiny_blip, tmp_path):
    form.findChild(QCheckBox, "score_pickscore_box").setChecked(True)
    line = form.findChild(QLineEdit, "score_pickscore_model")
    said = form.findChild(QLabel, "score_pickscore_model_problem")
    assert said.isHidden()  # nothing is named yet, which is said below
    for wrong in (tmp_path / "nowhere", tmp_path, tiny_blip):
        line.setText(str(wrong))
        assert str(wrong) in said.text()
        assert not said.isHidden()
        assert form.problems()["scoring"] == said.text()
        assert form.findChild(QLabel, "score_metrics_problem").isHidden()
    line.setText(str(tiny_clip))
    assert said.isHidden()
    assert "scoring" not in form.problems()
    line.setText(str(tiny_blip))
    form.findChild(QCheckBox, "score_pickscore_box").setChecked(False)
    assert "scoring" not in form.problems()


def test_a_job_with_metrics_and_sources_goes_through_the_form(form, tmp_path):
    job = EvaluateJob(
        images_dir=str(tmp_path), out_dir="", metrics=("clip", "style", "pickscore", "fid"),
        sources=MetricSources(
            reference="/real", training_set="owner/set", style_prompt="ink", inception_weights="/w.pth",
            pickscore_model="/pick", hps_model="/hps", insist=True,
        ),
    )  # fmt: skip
    form.set_value(job)
    assert form.value() == job
    assert form.findChild(QCheckBox, "score_insist_box").isVisible()
    form.findChild(QCheckBox, "score_fid_box").setChecked(False)
    assert not form.findChild(QCheckBox, "score_insist_box").isVisible()


def test_without_clip_alone_its_model_is_still_chosen_where_a_metric_uses_it(form):
    form.findChild(QCheckBox, "score_clip_box").setChecked(False)
    combo = form.findChild(QComboBox, "score_clip_model")
    assert not combo.isEnabled()
    form.findChild(QCheckBox, "score_clip_100_box").setChecked(True)
    assert combo.isEnabled()


def test_a_study_has_pairs_of_its_own(qtbot, models):
    study = StudyForm()
    qtbot.addWidget(study)
    study.set_models(models)
    study.findChild(QCheckBox, "study_image_similarity_box").setChecked(True)
    assert "scoring" not in study.problems()
    study.findChild(QCheckBox, "study_kid_box").setChecked(True)
    assert "KID" in study.problems()["scoring"]
