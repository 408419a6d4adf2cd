"""The list of trainings: rows, ticks and colours."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt

from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.train_runs import list_trainings
from sketchdesk.ui.training.runs.list_model import COLOUR_ROLE, RunListModel, summary_text
from sketchdesk.ui.training.runs.list_view import RunList, box_rect


@pytest.fixture
def model(make_training) -> RunListModel:
    made = RunListModel()
    for title in ("a", "b", "c"):
        make_training(title, done=5)
    made.set_trainings(list_trainings())
    return made


@pytest.fixture
def runs(qtbot, model) -> RunList:
    made = RunList(model)
    qtbot.addWidget(made)
    made.resize(240, 400)
    made.show()
    return made


def ids(model: RunListModel) -> list[str]:
    return [training.run.id for training in model.trainings]


def test_a_row_tells_how_far_it_came(model):
    training = model.trainings[0]
    assert summary_text(training).startswith("5 / 500 · loss 0.")
    tip = model.index(0).data(Qt.ItemDataRole.ToolTipRole)
    assert training.run.title in tip
    assert "done" in tip


def test_a_new_run_comes_on_top_and_selection_and_ticks_stay(runs, model, make_training, qtbot):
    first = ids(model)
    runs.select(first[1])
    model.setData(model.index(2), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    new = make_training("d", state=RunState.QUEUED)
    model.set_trainings(list_trainings())
    assert set(ids(model)) == {new.id, *first}
    assert runs.selected_id == first[1]
    assert model.ticked_ids == [first[2]]


def test_what_is_new_of_a_run_is_shown_in_its_row(model, qtbot):
    later = msgspec.structs.replace(model.trainings[1], step=77)
    with qtbot.waitSignal(model.dataChanged) as changed:
        model.update(later)
    assert changed.args[0].row() == 1
    assert "77 / 500" in summary_text(model.trainings[1])


def test_the_box_ticks_by_mouse_and_space_and_a_row_selects(runs, model, qtbot):
    view = runs.findChild(object, "training_run_list")
    box = box_rect(view.visualRect(model.index(1))).center()
    with qtbot.waitSignal(model.ticked):
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box)
    assert model.ticked_ids == [ids(model)[1]]
    with qtbot.waitSignal(runs.selected):
        qtbot.mouseClick(
            view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(model.index(2)).center() + QPoint(40, 0)
        )
    assert runs.selected_id == ids(model)[2]
    assert model.ticked_ids == [ids(model)[1]]
    with qtbot.waitSignal(model.ticked):
        qtbot.keyClick(view, Qt.Key.Key_Space)
    assert model.ticked_ids == [ids(model)[1], ids(model)[2]]


def test_runs_in_the_charts_have_their_colours(model):
    first, second, third = ids(model)
    model.set_colours([third, first])
    assert [model.index(row).data(COLOUR_ROLE) for row in range(3)] == [1, None, 0]


def test_it_paints_in_every_state(runs, model, make_training):
    for state in (RunState.QUEUED, RunState.RUNNING, RunState.INTERRUPTED, RunState.FAILED):
        make_training(state.value, state=state)
    model.set_trainings(list_trainings())
    model.set_colours(ids(model)[:2])
    picture = runs.grab().toImage()
    assert len({picture.pixel(x, y) for x in range(0, 240, 2) for y in range(0, 400, 2)}) > 8
