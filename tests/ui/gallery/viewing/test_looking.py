"""One picture: its details at the right, and the picture in full."""

from __future__ import annotations

from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton

from sketchdesk.library.paths import images_dir

KEY = Qt.Key


def test_the_inspector_shows_the_picture_and_every_setting(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(2)
    facts = dict(tab.inspector._facts.facts())
    assert (facts["Seed"], facts["Model"], facts["Sampler"]) == ("1", "demo-base", "DPM++ 2M")
    assert person.child(QLabel, "inspector_prompt").text() == "a castle"
    qtbot.waitUntil(lambda: tab.inspector._picture._image is not None)
    person.presses("inspector_copy_button")
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("a castle\n")
    assert "Seed: 1" in copied


def test_a_picture_without_a_record_is_shown_but_cannot_be_made_again(qtbot, open_gallery, home):
    images_dir().mkdir(parents=True)
    Image.new("RGB", (30, 60), "red").save(images_dir() / "scan.png")
    person = open_gallery()
    tab = person.tab
    qtbot.waitUntil(lambda: len(person.shown()) == 1)
    person.picks(0)
    assert person.child(QLabel, "inspector_prompt").text().replace("\u200b", "") == "scan.png"
    assert not person.child(QPushButton, "inspector_again_button").isEnabled()
    tab.chosen.make_again()
    tab.doings.use_seed()


def test_enter_shows_it_in_full_and_the_arrows_go_on(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(0)
    qtbot.keyClick(tab.grid, KEY.Key_Return)
    assert tab.full.isVisible()
    qtbot.waitUntil(lambda: tab.full.view.image is not None)
    assert person.child(QLabel, "gallery_full_place").text() == "1 of 8"
    qtbot.keyClick(tab.full, KEY.Key_Right)
    assert person.child(QLabel, "gallery_full_place").text() == "2 of 8"
    assert not person.child(QToolButton, "gallery_full_previous_button").visibleRegion().isEmpty()
    person.presses("gallery_full_previous_button")
    assert not person.child(QToolButton, "gallery_full_previous_button").isEnabled()
    before = tab.full.view.scale()
    tab.view.zoom_in()
    assert tab.full.view.scale() > before
    qtbot.keyClick(tab.full, KEY.Key_Escape)
    assert tab.grid.isVisible()


def test_trash_in_full_view_goes_on_to_the_next_and_undo_brings_it_back(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(0)
    tab.open_current()
    tab.chosen.trash()
    person.sees(pictures[1:])
    assert person.child(QLabel, "gallery_full_place").text() == "1 of 7"
    assert not pictures[0].exists()
    assert person.told[-1].action_text == "Undo"
    person.told[-1].action()
    qtbot.waitUntil(pictures[0].exists)
    person.sees(pictures)
