"""What is looked for in the gallery is found, and what comes later is found, too."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton

from sketchdesk.contracts.events import JobEnded
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.index.index import Query
from sketchdesk.library.paths import images_dir

LEFT = Qt.MouseButton.LeftButton


def test_what_is_there_is_shown_newest_first(open_gallery, pictures):
    person = open_gallery()
    person.sees(pictures)
    assert person.child(QPushButton, "gallery_all_chip").text() == "All 8"


def test_what_a_dying_engine_saved_and_could_not_tell_is_found(qtbot, open_gallery, pictures, draw, record):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    qtbot.waitUntil(lambda: tab.catalogue.walk_._walk is None)  # what was there before is read
    last = draw("last.png", record(seed=99), age_s=-1)
    tab._opened._runner.job_ended.emit(JobEnded(job_id="dead", time_s=0.0, state="failed"))
    person.sees([last, *pictures])


def test_searching_narrows_and_nothing_found_offers_the_way_back(qtbot, open_gallery, pictures):
    person = open_gallery()
    person.sees(pictures)
    search = person.child(QLineEdit, "gallery_search_edit")
    qtbot.keyClicks(search, "castle")
    person.sees([path for path in pictures if "castle" in path.name])
    assert person.child(QLabel, "gallery_found_label").text() == "4 found"
    qtbot.keyClicks(search, "xyz")
    back = person.child(QPushButton, "gallery_nothing_found_button")
    qtbot.waitUntil(back.isVisible)
    qtbot.mouseClick(back, LEFT)
    person.sees(pictures)
    assert (search.text(), back.isVisible()) == ("", False)
    assert not person.child(QLabel, "gallery_found_label").isVisible()


def test_an_empty_gallery_says_what_it_is_for_and_asks_for_the_first_picture(qtbot, open_gallery):
    person = open_gallery()
    tab = person.tab
    button = person.child(QPushButton, "gallery_nothing_yet_button")
    qtbot.waitUntil(button.isVisible)
    with qtbot.waitSignal(tab.first_drawing_requested):
        qtbot.mouseClick(button, LEFT)


def test_the_window_can_search_and_show_a_run(qtbot, open_gallery, pictures, make_runner):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    tab.search("castle")
    assert person.child(QLineEdit, "gallery_search_edit").text() == "castle"
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 4)
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir()), count=2)
    run = tab._opened._runner.run(tab._opened._runner.submit(job))
    tab.show_run(run)
    assert tab.filters.value() == Query(run="a fox")
    qtbot.waitUntil(lambda: sorted(path.name for path in person.shown()) == ["0.png", "1.png"], timeout=20_000)
