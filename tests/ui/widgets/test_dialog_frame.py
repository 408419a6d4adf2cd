"""The frame of every dialog: buttons keep their size at the right, whatever stands beside them."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton, QWidget

from sketchdesk.ui.widgets.dialog_frame import fill_dialog, foot_row


@pytest.mark.parametrize("sentence", [None, "hidden", "shown"])
def test_the_buttons_keep_their_size_at_the_right(qtbot, sentence):
    dialog, close = QDialog(), QPushButton("Close")
    label = QLabel("some words")
    left: list[QWidget] = [] if sentence is None else [label]
    label.setVisible(sentence == "shown")
    grows = QWidget()
    fill_dialog(dialog, [QLabel("above"), grows], foot_row(left, [close]), grows=grows)
    if sentence == "hidden":
        label.hide()
    qtbot.addWidget(dialog)
    qtbot.addWidget(label)
    dialog.resize(600, 400)
    dialog.show()
    qtbot.waitExposed(dialog)
    assert close.width() == close.sizeHint().width()
    assert close.geometry().right() + 1 == 600 - 24
    assert close.geometry().bottom() + 1 == 400 - 24
    assert grows.height() > 200
