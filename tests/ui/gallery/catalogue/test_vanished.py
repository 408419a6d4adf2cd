"""Pictures and folders that are gone."""

from __future__ import annotations

import shutil

from PIL import Image
from PySide6.QtWidgets import QPushButton

from sketchdesk.library.paths import images_dir


def test_files_that_vanish_are_told_once_and_taken_off_on_demand(qtbot, open_gallery, pictures):
    for path in pictures[:2]:
        path.write_bytes(b"no picture")
    person = open_gallery()
    qtbot.waitUntil(lambda: bool(person.told))
    assert "2 pictures" in person.told[-1].text
    for path in pictures[:2]:
        path.unlink()
    person.told[-1].action()
    person.sees(pictures[2:])


def test_a_library_folder_that_is_deleted_leaves_an_empty_gallery(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(3)
    shutil.rmtree(images_dir())
    tab.walk()
    qtbot.waitUntil(person.child(QPushButton, "gallery_nothing_yet_button").isVisible)
    tab.open_current()
    tab.chosen.trash()
    tab.chosen.star()
    assert tab.inspector.image is None


def test_another_images_folder_shows_its_pictures(qtbot, open_gallery, pictures, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    Image.new("RGB", (8, 8)).save(other / "there.png")
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    tab.sources._store.change(images_dir=str(other))
    qtbot.waitUntil(lambda: other / "there.png" in person.shown())
