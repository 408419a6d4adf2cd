"""The trash in the gallery: what earlier windows left in it, and what cannot come back just now."""

from __future__ import annotations

import shutil

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListWidget, QPushButton

from sketchdesk.library.folder_trash import folder_batches, trash_folders
from sketchdesk.library.trash import batches, move_to_trash

LEFT = Qt.MouseButton.LeftButton


def paths_shown(tab) -> set:
    images = [tab.cells.image_at(row) for row in range(tab.cells.rowCount())]
    return {image.path for image in images if image}


def open_dialog(qtbot, tab):
    tab.chosen.trash_can.ask()
    qtbot.waitUntil(lambda: tab.chosen.trash_can.dialog is not None)
    dialog = tab.chosen.trash_can.dialog
    parts = dialog.findChild(QListWidget, "trash_list"), dialog.findChild(QLabel, "trash_sentence")
    return dialog, *parts


def press(qtbot, dialog, name: str) -> None:
    qtbot.mouseClick(dialog.findChild(QPushButton, name), LEFT)


def test_what_an_earlier_window_threw_away_comes_back_or_goes_for_good(qtbot, make_tab, pictures):
    move_to_trash(pictures[:2])
    move_to_trash(pictures[2:3])
    tab = make_tab()
    told = []
    tab.message.connect(told.append)
    qtbot.waitUntil(lambda: paths_shown(tab) == set(pictures[3:]))
    dialog, rows, sentence = open_dialog(qtbot, tab)
    assert ["1 picture" in rows.item(0).text(), "2 pictures" in rows.item(1).text()] == [True, True]
    restore = dialog.findChild(QPushButton, "trash_restore_button")
    assert not restore.isEnabled()
    rows.item(1).setSelected(True)
    assert restore.isEnabled()
    press(qtbot, dialog, "trash_restore_button")
    qtbot.waitUntil(lambda: rows.count() == 1)
    qtbot.waitUntil(lambda: paths_shown(tab) == set(pictures) - {pictures[2]})
    rows.item(0).setSelected(True)
    press(qtbot, dialog, "trash_delete_button")
    qtbot.waitUntil(lambda: rows.count() == 0)
    assert sentence.text() == "The trash is empty."
    assert (batches(), pictures[2].exists()) == ([], False)
    assert [message.text for message in told] == ["2 pictures are back.", "1 picture was deleted for good."]
    press(qtbot, dialog, "trash_close_button")
    qtbot.waitUntil(lambda: tab.chosen.trash_can.dialog is None)


def test_checkpoints_that_were_thrown_away_are_there_too(qtbot, make_tab, pictures, tmp_path):
    folders = [tmp_path / "run" / "checkpoints" / f"checkpoint-{step}" for step in (1, 2)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "weights").write_bytes(b"w" * 2048)
    trash_folders(folders[:1])
    trash_folders(folders[1:])
    tab = make_tab()
    told = []
    tab.message.connect(told.append)
    _dialog, rows, sentence = open_dialog(qtbot, tab)
    assert "1 checkpoint, 2" in rows.item(0).text()
    assert "takes 4" in sentence.text()
    rows.item(1).setSelected(True)
    press(qtbot, _dialog, "trash_restore_button")
    qtbot.waitUntil(lambda: rows.count() == 1)
    rows.item(0).setSelected(True)
    press(qtbot, _dialog, "trash_delete_button")
    qtbot.waitUntil(lambda: rows.count() == 0)
    assert [folder.exists() for folder in folders] == [True, False]
    assert folder_batches() == []
    assert [message.text for message in told] == ["1 checkpoint is back.", "1 checkpoint was deleted for good."]


def test_what_cannot_come_back_just_now_can_be_brought_back_later(qtbot, make_tab, pictures):
    tab = make_tab()
    told = []
    tab.message.connect(told.append)
    qtbot.waitUntil(lambda: paths_shown(tab) == set(pictures))
    tab.chosen.trash_can.trash([tab.cells.ids[0]])
    qtbot.waitUntil(tab.chosen.trash_can.can_undo)
    folder = pictures[0].parent
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.write_text("a file is in the way")
    tab.chosen.trash_can.undo()
    qtbot.waitUntil(lambda: told[-1].level == "error")
    assert tab.chosen.trash_can.can_undo()
    folder.unlink()
    shutil.move(aside, folder)
    tab.chosen.trash_can.undo()
    qtbot.waitUntil(lambda: told[-1].text == "1 picture is back.")
    assert (pictures[0].exists(), tab.chosen.trash_can.can_undo()) == (True, False)
