"""The trash in the gallery: what earlier windows left in it, and what cannot come back just now."""

from __future__ import annotations

import shutil

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QTreeWidget

from sketchdesk.library.trash.folder_trash import folder_batches, trash_folders
from sketchdesk.library.trash.trash import batches, move_to_trash

LEFT = Qt.MouseButton.LeftButton


def paths_shown(tab) -> set:
    images = [tab.cells.image_at(row) for row in range(tab.cells.rowCount())]
    return {image.path for image in images if image}


def open_dialog(qtbot, tab):
    tab.chosen.trash_can.ask()
    qtbot.waitUntil(lambda: tab.chosen.trash_can.dialog is not None)
    dialog = tab.chosen.trash_can.dialog
    parts = dialog.findChild(QTreeWidget, "trash_list"), dialog.findChild(QLabel, "trash_sentence")
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
    assert ["1 picture" in rows.topLevelItem(0).text(0), "2 pictures" in rows.topLevelItem(1).text(0)] == [True, True]
    restore = dialog.findChild(QPushButton, "trash_restore_button")
    assert not restore.isEnabled()
    rows.topLevelItem(1).setSelected(True)
    assert restore.isEnabled()
    press(qtbot, dialog, "trash_restore_button")
    qtbot.waitUntil(lambda: rows.topLevelItemCount() == 1)
    qtbot.waitUntil(lambda: paths_shown(tab) == set(pictures) - {pictures[2]})
    rows.topLevelItem(0).setSelected(True)
    press(qtbot, dialog, "trash_delete_button")
    qtbot.waitUntil(lambda: rows.topLevelItemCount() == 0)
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
    dialog, rows, sentence = open_dialog(qtbot, tab)
    assert [rows.topLevelItem(0).text(column) for column in (0, 2)] == ["1 checkpoint: run · step 2", "2 KiB"]
    assert "takes 4" in sentence.text()
    rows.topLevelItem(1).setSelected(True)
    with qtbot.waitSignal(tab.models_changed):
        press(qtbot, dialog, "trash_restore_button")
    qtbot.waitUntil(lambda: rows.topLevelItemCount() == 1)
    rows.topLevelItem(0).setSelected(True)
    press(qtbot, dialog, "trash_delete_button")
    qtbot.waitUntil(lambda: rows.topLevelItemCount() == 0)
    assert [folder.exists() for folder in folders] == [True, False]
    assert folder_batches() == []
    assert [message.text for message in told] == ["1 checkpoint is back.", "1 checkpoint was deleted for good."]


def test_of_several_the_others_come_back_and_the_lists_of_models_know(qtbot, make_tab, pictures, tmp_path):
    folders = [tmp_path / "run" / "checkpoints" / f"checkpoint-{step}" for step in (1, 2, 3)]
    for folder in folders:
        folder.mkdir(parents=True)
    trash_folders(folders[:1])
    trash_folders(folders[1:])
    folders[2].mkdir()
    tab = make_tab()
    told = []
    tab.message.connect(told.append)
    dialog, rows, _sentence = open_dialog(qtbot, tab)
    rows.selectAll()
    with qtbot.waitSignals([tab.models_changed] * 2):
        press(qtbot, dialog, "trash_restore_button")
    qtbot.waitUntil(lambda: rows.topLevelItemCount() == 1)
    assert all(folder.exists() for folder in folders)
    assert {message.level for message in told} == {"good", "error"}
    (refused,) = [message.text for message in told if message.level == "error"]
    assert str(folders[2]) in refused


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


def test_all_of_it_goes_after_a_question(qtbot, make_tab, pictures):
    move_to_trash(pictures[:2])
    move_to_trash(pictures[2:3])
    tab = make_tab()
    dialog, rows, sentence = open_dialog(qtbot, tab)
    for button, left in (("empty_trash_cancel_button", 2), ("empty_trash_now_button", 0)):
        press(qtbot, dialog, "trash_empty_button")
        box = dialog.findChild(QMessageBox, "empty_trash_box")
        assert "cannot come back" in box.informativeText()
        press(qtbot, box, button)
        qtbot.waitUntil(lambda: rows.topLevelItemCount() == left)  # noqa: B023 - waited for here and now
    assert sentence.text() == "The trash is empty."
    assert not dialog.findChild(QPushButton, "trash_empty_button").isEnabled()
