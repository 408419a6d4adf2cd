"""The list as a model: every change, taken back and done again, told to the views as it is."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.ui.prompt.prompt_list import ROWS_MIME, PromptList, Role, overrides_text
from sketchdesk.ui.prompt.typed import clean, typed_rows


@pytest.fixture
def model(qapp) -> PromptList:
    made = PromptList()
    made.tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made.restore([PromptRow(prompt=letter) for letter in "abcde"])
    return made


def texts(model: QAbstractListModel) -> str:
    return "".join(model.index(row).data() for row in range(model.rowCount()))


class Mirror:
    """A view's idea of the model, made from its signals alone."""

    def __init__(self, model: PromptList) -> None:
        self.model = model
        self.rows = [model.index(row).data() for row in range(model.rowCount())]
        model.rowsInserted.connect(self.inserted)
        model.rowsRemoved.connect(self.removed)
        model.dataChanged.connect(self.changed)

    def inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        self.rows[first:first] = [self.model.index(row).data() for row in range(first, last + 1)]

    def removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        del self.rows[first : last + 1]

    def changed(self, first: QModelIndex, last: QModelIndex) -> None:
        for row in range(first.row(), last.row() + 1):
            self.rows[row] = self.model.index(row).data()


def test_rows_are_moved_in_their_order(model):
    assert model.move([3, 1], 0) == [0, 1]
    assert texts(model) == "bdace"
    assert model.move([0, 1], 5) == [3, 4]
    assert texts(model) == "acebd"
    assert model.move([2], 3) == [2]
    assert texts(model) == "acebd"


def test_rows_go_one_up_or_down_and_stop_at_the_ends(model):
    assert model.shift([1, 2], -1) == [0, 1]
    assert model.shift([0, 1], -1) == [0, 1]
    assert texts(model) == "bcade"
    assert model.shift([3, 4], 1) == [3, 4]
    assert model.shift([0], 1) == [1]
    assert texts(model) == "cbade"
    assert model.shift([], 1) == []


def test_copies_follow_what_they_copy(model):
    assert model.duplicate([0, 2]) == [3, 4]
    assert texts(model) == "abcacde"


def test_a_text_is_changed_and_an_empty_one_takes_the_row_out(model):
    assert model.setData(model.index(0), "  two\nlines ")
    assert model.rows()[0].prompt == "two lines"
    assert not model.setData(model.index(0), "two lines")
    assert model.setData(model.index(1), "  ")
    assert [row.prompt for row in model.rows()] == ["two lines", "c", "d", "e"]


def test_everything_is_taken_back_and_done_again(model):
    before = model.rows()
    model.remove([0, 4])
    model.add([PromptRow(prompt="f")], 1)
    model.set_own_count([0], 6)
    after = model.rows()
    for _ in range(3):
        model.undo()
    assert model.rows() == before
    assert not model.can_undo
    for _ in range(3):
        model.redo()
    assert model.rows() == after
    model.undo()
    model.remove([0])
    assert not model.can_redo


def test_what_changes_nothing_leaves_nothing_to_undo(model):
    model.remove([])
    model.add([])
    model.move([0], 0)
    model.set_own_count([0], None)
    assert not model.can_undo


def test_counts_are_the_forms_unless_a_row_has_its_own(model, qtbot):
    model.set_own_count([1], 12)
    with qtbot.waitSignal(model.dataChanged):
        model.set_count(6)
    assert [model.index(row).data(Role.COUNT) for row in (0, 1)] == [6, 12]
    assert [model.index(row).data(Role.OWN_COUNT) for row in (0, 1)] == [False, True]


def test_a_rows_own_settings_are_told_and_cleared(model):
    row = PromptRow(prompt="a", count=2, seed=7, width=64, sampler="dpmpp_2m", negative_prompt="dogs")
    model.add([row])
    told = model.index(5).data(Role.OVERRIDES)
    assert told.splitlines() == ["Negative prompt: dogs", "Seed: 7", "Size: 64 × –", "Sampler: DPM++ 2M"]
    assert told in model.index(5).data(Qt.ItemDataRole.ToolTipRole)
    model.clear_overrides([5])
    assert model.rows()[5] == PromptRow(prompt="a")
    assert overrides_text(PromptRow(prompt="a", count=3)) == ""


def test_rows_are_dragged_within_the_list_and_copied_from_another(model, qapp):
    other = PromptList()
    other.restore([PromptRow(prompt="x"), PromptRow(prompt="y")])
    here = model.mimeData([model.index(0), model.index(4)])
    assert here.text() == "a\ne"
    action, nowhere = Qt.DropAction.MoveAction, QModelIndex()
    assert model.dropMimeData(here, action, 2, 0, nowhere)
    assert texts(model) == "baecd"
    assert model.dropMimeData(other.mimeData([other.index(1)]), action, 1, 0, nowhere)
    assert texts(model) == "byaecd"
    assert texts(other) == "xy"


def test_a_drag_that_makes_no_sense_changes_nothing(model):
    data = QMimeData()
    for payload in (b"", b"{", b"[]", b'{"list": "?", "rows": [0]}'):
        data.setData(ROWS_MIME, payload)
        assert not model.dropMimeData(data, Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert texts(model) == "abcde"


def test_views_see_every_change_as_it_is(model):
    mirror = Mirror(model)
    chance = random.Random(5)
    for _ in range(300):
        places = [place for place in range(model.rowCount()) if chance.random() < 0.4]
        match chance.randrange(7):
            case 0:
                model.add([PromptRow(prompt=str(n)) for n in range(chance.randrange(3))], None)
            case 1:
                model.remove(places[:2])
            case 2:
                model.move(places, chance.randrange(model.rowCount() + 1))
            case 3:
                model.duplicate(places[:2])
            case 4:
                model.undo()
            case 5:
                model.redo()
            case _:
                model.shift(places, chance.choice((-1, 1)))
        assert mirror.rows == [row.prompt for row in model.rows()]


def test_texts_become_prompts():
    assert [row.prompt for row in typed_rows("a cat\r\n\n  two\tdogs \u2029three")] == ["a cat", "two dogs", "three"]
    assert clean("a\0b\ud800c") == "abc"
