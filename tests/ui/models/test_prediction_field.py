"""What a person says a model predicts is noted, shown again, and can be taken back."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.notes import person_says, say_prediction
from sketchdesk.ui.models.prediction_field import PredictionField


@pytest.fixture
def entry(tmp_path) -> ModelEntry:
    path = tmp_path / "model.safetensors"
    save_file({"a": np.zeros(3, np.float32)}, path)
    return ModelEntry(name="model", path=path, origin="own", family="stable_diffusion", prediction_type="epsilon")


@pytest.fixture
def field(qtbot) -> PredictionField:
    field = PredictionField()
    qtbot.addWidget(field)
    return field


def test_what_the_person_said_is_shown_and_the_rest_was_found_out(field, entry, home):
    field.show_model(entry)
    assert field._box.currentText() == "found out: ε: the noise"
    say_prediction(entry.path, "v_prediction")
    field.show_model(entry)
    assert field._box.currentData() == "v_prediction"
    say_prediction(entry.path, "")
    assert person_says(entry.path) is None
    field.show_model(entry)
    assert field._box.currentData() == ""


def test_a_choice_is_told(field, entry, home, qtbot):
    field.show_model(entry)
    field._box.setCurrentIndex(field._box.findData("v_prediction"))
    with qtbot.waitSignal(field.chosen) as told:
        field._box.activated.emit(field._box.currentIndex())
    assert told.args == ["v_prediction"]


def test_of_folders_and_of_files_that_do_not_draw_nothing_is_asked(field, entry, tmp_path):
    for other in (
        ModelEntry(name="folder", path=tmp_path, origin="own", family="stable_diffusion"),
        ModelEntry(name="lora", path=entry.path, origin="own", family="lora"),
    ):
        field.show_model(other)
        assert field.isHidden()
