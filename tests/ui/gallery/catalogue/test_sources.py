from __future__ import annotations

import shutil

from PySide6.QtCore import Qt

from sketchdesk.library.paths import images_dir
from sketchdesk.library.settings import Settings, with_folders
from sketchdesk.ui.gallery.catalogue.folders_dialog import FoldersDialog
from sketchdesk.ui.settings_store import SettingsStore


def test_a_folder_that_is_dropped_is_shown_and_taken_off_again_and_its_files_stay(qtbot, make_tab, pictures, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(images_dir(), elsewhere)
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.grid.folders_dropped.emit([elsewhere])
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 16)
    told = []
    tab.message.connect(told.append)
    tab.grid.folders_dropped.emit([elsewhere / "deep"])
    assert [message.text for message in told] == ["The pictures of this folder are in the gallery already."]
    tab.sources.ask()
    dialog = tab.sources.dialog
    dialog._list.setCurrentRow(1)
    qtbot.mouseClick(dialog._remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    assert len(list(elsewhere.iterdir())) == 8
    qtbot.mouseClick(dialog._close, Qt.MouseButton.LeftButton)
    assert tab.sources.dialog is None


def test_the_own_folder_cannot_be_taken_off(qtbot, tmp_path):
    store = SettingsStore(Settings(gallery_folders=(str(tmp_path),)))
    dialog = FoldersDialog(store)
    qtbot.addWidget(dialog)
    dialog._list.setCurrentRow(0)
    assert not dialog._remove.isEnabled()
    dialog._list.setCurrentRow(1)
    assert dialog._remove.isEnabled()


def test_a_folder_takes_the_place_of_those_inside_it(tmp_path):
    settings = Settings(gallery_folders=(str(tmp_path / "a" / "b"), str(tmp_path / "c")))
    assert with_folders(settings, [tmp_path / "a"]) == (str(tmp_path / "c"), str(tmp_path / "a"))
    assert with_folders(settings, [tmp_path / "c" / "d"]) == settings.gallery_folders
    assert with_folders(settings, [settings.images_folder / "x"]) == settings.gallery_folders
