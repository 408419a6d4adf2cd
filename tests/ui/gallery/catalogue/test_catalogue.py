from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QObject, QThread, Slot

from sketchdesk.library.images.stars import Stars
from sketchdesk.library.index.index import GalleryImage, ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.catalogue.finding import Found


class Listener(QObject):
    """Keeps every answer."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self.found: list[Found] = []
        self.threads: list[bool] = []
        catalogue.found.connect(self.on_found)

    @Slot(object)
    def on_found(self, found: Found) -> None:
        self.found.append(found)
        self.threads.append(QThread.currentThread() is self.thread())


@pytest.fixture
def listener(catalogue) -> Listener:
    return Listener(catalogue)


def paths_of(qtbot, catalogue: Catalogue, found: Found) -> list[Path]:
    with qtbot.waitSignal(catalogue.read) as read:
        catalogue.fetch(found.ids)
    return [image.path for image in read.args[0]]


def walked(qtbot, catalogue: Catalogue, listener: Listener, total: int) -> Found:
    catalogue.look(Query())
    catalogue.walk()
    qtbot.waitUntil(lambda: bool(listener.found) and listener.found[-1].total == total)
    return listener.found[-1]


def test_the_pictures_of_the_folder_are_found_newest_first(qtbot, catalogue, listener, pictures):
    found = walked(qtbot, catalogue, listener, 8)
    assert paths_of(qtbot, catalogue, found) == pictures
    assert found.models == (("demo-base", 4), ("sketch-lora", 4))
    assert (found.starred, found.scores) == (0, None)
    assert all(listener.threads)


def test_of_many_questions_the_last_is_answered(qtbot, catalogue, listener, pictures):
    walked(qtbot, catalogue, listener, 8)
    listener.found.clear()
    for text in ("z", "ze", "zeb", "castle"):
        catalogue.look(Query(text=text))
    qtbot.waitUntil(lambda: bool(listener.found))
    assert {found.query.text for found in listener.found} == {"castle"}
    assert len(listener.found[-1].ids) == 4


def test_a_drawn_picture_is_taken_in_with_its_run_and_then_its_score(qtbot, catalogue, listener, pictures):
    catalogue.look(Query(run="zebras"))
    for path in pictures[:2]:
        catalogue.image_saved(path, "zebras")
    catalogue.image_scored(pictures[1], {"cosine": 0.31}, "a zebra")
    qtbot.waitUntil(lambda: bool(listener.found) and listener.found[-1].scores == (0.31, 0.31))
    found = listener.found[-1]
    assert paths_of(qtbot, catalogue, found) == pictures[:2]
    assert found.runs == (("zebras", 2),)


def test_stars_are_given_and_taken_back(qtbot, catalogue, listener, pictures):
    ids = walked(qtbot, catalogue, listener, 8).ids
    catalogue.star(ids[:3])
    qtbot.waitUntil(lambda: listener.found[-1].starred == 3)
    assert Stars.load().paths == set(pictures[:3])
    catalogue.star(ids[:3])
    qtbot.waitUntil(lambda: listener.found[-1].starred == 0)


def test_what_goes_to_the_trash_comes_back(qtbot, catalogue, listener, pictures):
    ids = walked(qtbot, catalogue, listener, 8).ids
    with qtbot.waitSignal(catalogue.trashed) as trashed:
        catalogue.trash(ids[:2])
    qtbot.waitUntil(lambda: listener.found[-1].total == 6)
    assert not pictures[0].exists()
    with qtbot.waitSignal(catalogue.restored):
        catalogue.restore(trashed.args[0])
    qtbot.waitUntil(lambda: listener.found[-1].total == 8)
    assert pictures[0].exists()


def test_a_starred_picture_whose_name_was_taken_meanwhile_comes_back_with_its_star(
    qtbot, catalogue, listener, pictures, draw, record
):
    ids = walked(qtbot, catalogue, listener, 8).ids
    catalogue.star(ids[:1])
    with qtbot.waitSignal(catalogue.trashed) as trashed:
        catalogue.trash(ids[:1])
    catalogue.image_saved(draw(pictures[0].name, record("a newer one")), "newer")
    qtbot.waitUntil(lambda: listener.found[-1].total == 8 and listener.found[-1].starred == 0)
    with qtbot.waitSignal(catalogue.restored):
        catalogue.restore(trashed.args[0])
    catalogue.look(Query(starred=True))
    qtbot.waitUntil(lambda: listener.found[-1].query.starred and len(listener.found[-1].ids) == 1)
    back = pictures[0].with_name(f"{pictures[0].stem} (2).png")
    assert paths_of(qtbot, catalogue, listener.found[-1]) == [back]


def test_a_folder_that_is_deleted_empties_the_gallery(qtbot, catalogue, listener, pictures):
    walked(qtbot, catalogue, listener, 8)
    shutil.rmtree(images_dir())
    catalogue.walk()
    qtbot.waitUntil(lambda: listener.found[-1].total == 0)


def test_a_picture_that_is_not_ours_is_refused_in_a_sentence_and_the_rest_goes_on(qtbot, catalogue, listener, tmp_path):
    path = tmp_path / "holiday.png"
    Image.new("RGB", (8, 8)).save(path)
    catalogue.image_saved(path, "elsewhere")
    qtbot.waitUntil(lambda: bool(listener.found) and listener.found[-1].total == 1)
    with qtbot.waitSignal(catalogue.failed) as failed:
        catalogue.trash(listener.found[-1].ids)
    assert path.name in failed.args[0].message
    assert path.exists()
    listener.found.clear()
    catalogue.look(Query(text="a"))
    qtbot.waitUntil(lambda: bool(listener.found))


def test_a_question_that_fails_is_told_and_the_next_is_answered(qtbot, catalogue, pictures):
    def breaks(index: ImageIndex) -> None:
        raise sqlite3.ProgrammingError("as if")

    with qtbot.waitSignal(catalogue.failed) as failed:
        catalogue.ask(breaks, pytest.fail)
    assert "as if" in failed.args[0].details
    answers: list[list[GalleryImage]] = []
    catalogue.ask(lambda index: index.images([]), answers.append)
    qtbot.waitUntil(lambda: answers == [[]])


def test_an_index_that_cannot_be_made_is_told(qtbot, home):
    index_file().mkdir()
    catalogue = Catalogue([images_dir()])
    with qtbot.waitSignal(catalogue.failed) as failed:
        catalogue.look(Query())
    assert failed.args[0].message
    catalogue.shutdown()


def test_closing_in_the_middle_of_a_walk_ends_it(qtbot, catalogue, pictures):
    catalogue.walk()
    catalogue.shutdown()
    assert not any(thread.isRunning() for thread in catalogue.findChildren(QThread))
    catalogue.look(Query())  # nobody is there to answer
