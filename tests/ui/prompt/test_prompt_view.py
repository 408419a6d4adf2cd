"""The list on screen, by keys and by drag and drop."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLineEdit

from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.ui.prompt.prompt_list import PromptList
from sketchdesk.ui.prompt.prompt_view import PromptView
from sketchdesk.ui.theme.manager import theme

CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def view(qtbot) -> PromptView:
    rows = PromptList()
    made = PromptView(rows)
    rows.setParent(made)
    rows.restore([PromptRow(prompt=letter) for letter in "abcde"])
    made.retranslate()
    qtbot.addWidget(made)
    made.resize(280, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def texts(view: PromptView) -> str:
    return "".join(row.prompt for row in view.model().sourceModel().rows())


def drop(view: PromptView, data: QMimeData, row: int, below: bool = False) -> QDropEvent:
    """Let go of something over the upper or lower part of a row."""
    box = view.visualRect(view.model().index(row, 0))
    place = QPointF(box.center().x(), box.bottom() - 2 if below else box.top() + 2)
    actions = Qt.DropAction.MoveAction | Qt.DropAction.CopyAction
    held = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.viewport(), QDragEnterEvent(place.toPoint(), actions, data, *held))
    QApplication.sendEvent(view.viewport(), QDragMoveEvent(place.toPoint(), actions, data, *held))
    event = QDropEvent(place, actions, data, *held)
    QApplication.sendEvent(view.viewport(), event)
    return event


def test_alt_and_arrows_move_the_selected_rows_and_they_stay_selected(view, qtbot):
    view.choose([1, 2])
    qtbot.keyClick(view, Qt.Key.Key_Up, ALT)
    assert (texts(view), view.chosen()) == ("bcade", [0, 1])
    qtbot.keyClick(view, Qt.Key.Key_Down, ALT)
    assert (texts(view), view.chosen()) == ("abcde", [1, 2])


def test_del_takes_out_and_ctrl_z_brings_back(view, qtbot):
    view.choose([4])
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert (texts(view), view.chosen()) == ("abcd", [3])
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.keyClick(view, Qt.Key.Key_Z, CTRL)
    qtbot.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert texts(view) == "abcde"
    qtbot.keyClick(view, Qt.Key.Key_Z, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert texts(view) == "abcd"


def test_rows_are_duplicated_copied_and_pasted(view, qtbot):
    view.choose([0])
    qtbot.keyClick(view, Qt.Key.Key_D, CTRL)
    assert (texts(view), view.chosen()) == ("aabcde", [1])
    view.choose([0, 5])
    qtbot.keyClick(view, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "a\ne"
    view.choose([2])
    qtbot.keyClick(view, Qt.Key.Key_V, CTRL)
    assert (texts(view), view.chosen()) == ("aabaecde", [3, 4])


def test_copied_rows_come_back_whole_and_are_lines_of_a_list_elsewhere(view, qtbot):
    rows = view.model().sourceModel()
    kept = (PromptRow(prompt="#1 fox", seed=3, count=2), PromptRow(prompt="a dog", num_inference_steps=9))
    rows.restore(kept)
    view.choose([0, 1])
    qtbot.keyClick(view, Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().text() == "#1 fox --d 3\na dog --s 9"
    qtbot.keyClick(view, Qt.Key.Key_V, CTRL)
    assert rows.rows() == kept * 2
    QGuiApplication.clipboard().setText("a cat --s 5\n# end")
    qtbot.keyClick(view, Qt.Key.Key_V, CTRL)
    assert rows.rows()[4:] == (PromptRow(prompt="a cat", num_inference_steps=5),)


def test_plus_and_minus_change_how_many_images_a_row_gets(view, qtbot):
    view.model().sourceModel().set_count(4)
    view.choose([0, 1])
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert [row.count for row in view.model().sourceModel().rows()[:3]] == [5, 5, None]
    for _ in range(9):
        qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.model().sourceModel().rows()[0].count == 1


def test_f2_changes_the_text_in_place(view, qtbot):
    view.choose([1])
    typed: list[tuple[int, str]] = []
    view.typing.connect(lambda row, text: typed.append((row, text)))
    qtbot.keyClick(view, Qt.Key.Key_F2)
    line = view.findChild(QLineEdit, "prompt_row_edit")
    assert line.text() == "b"
    qtbot.keyClicks(line, "x")
    assert typed == [(1, "x")]
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: texts(view) == "axcde")
    assert view.state() == QAbstractItemView.State.NoState


def test_rows_are_dragged_to_where_they_are_dropped(view):
    data = view.model().sourceModel().mimeData([view.model().index(0, 0), view.model().index(1, 0)])
    assert drop(view, data, 3, below=True).isAccepted()
    assert (texts(view), view.chosen()) == ("cdabe", [2, 3])
    drop(view, view.model().sourceModel().mimeData([view.model().index(4, 0)]), 0)
    assert (texts(view), view.chosen()) == ("ecdab", [0])


def test_dropped_text_becomes_prompts_there(view):
    data = QMimeData()
    data.setText("x\ny")
    drop(view, data, 1)
    assert (texts(view), view.chosen()) == ("axybcde", [1, 2])


def test_dropped_files_are_left_to_the_panel(view):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/somewhere/list.txt")])
    assert not drop(view, data, 1).isAccepted()
    assert texts(view) == "abcde"


def test_it_paints_in_both_themes_empty_and_full(view, qtbot):
    view.model().sourceModel().set_own_count([0], 9)
    view.model().sourceModel().add([PromptRow(prompt="long " * 40, seed=3, sampler="euler")])
    pictures = set()
    for name in ("dark", "light"):
        theme().apply(name)
        pictures.add(view.grab().toImage().pixelColor(140, 150).name())
    assert len(pictures) == 2
    full = view.grab().toImage()
    view.model().sourceModel().set_rows(())
    assert view.grab().toImage() != full
