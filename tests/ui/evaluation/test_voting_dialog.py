"""Voting by keys alone, stopped and gone on with."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar

from sketchdesk.library.evaluation.votes import ballots, read_votes
from sketchdesk.ui.evaluation.voting_dialog import VotingDialog


@pytest.fixture
def opened(qtbot, study, folder):
    def make():
        dialog = VotingDialog(study, folder, study.variants[0])
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.open()
        qtbot.waitExposed(dialog)
        return dialog

    return make


def told(dialog):
    return dialog.findChild(QLabel, "evaluation_voting_told").text()


def done(dialog):
    return dialog.findChild(QProgressBar, "evaluation_voting_progress").value()


def test_keys_alone_vote_take_back_and_stop_and_voting_goes_on_where_it_stopped(qtbot, opened, study, folder):
    dialog = opened()
    order = ballots(study, study.variants[0])
    assert dialog.findChild(QLabel, "evaluation_voting_prompt").text() == order[0].left.prompt
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Backspace):
        qtbot.keyClick(dialog.focusWidget(), key)
    assert done(dialog) == 2
    for name in ("base", "tuned"):
        assert name not in told(dialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    again = opened()
    assert done(again) == 2
    assert again.findChild(QLabel, "evaluation_voting_prompt").text() == order[2].left.prompt
    for _each in range(4):
        qtbot.keyClick(again, Qt.Key.Key_1)
    assert done(again) == len(order) == 6
    assert told(again).startswith("Blind votes:")
    qtbot.keyClick(again, Qt.Key.Key_1)
    found = read_votes(folder, "1")
    assert [found[ballot.key].better for ballot in order] == ["left", "equal", *4 * ["left"]]
    again.close()
