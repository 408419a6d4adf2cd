"""Pictures drawn without keeping them are shown as such, and saved or dropped from the gallery."""

from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.drawing.unsaved import unsaved_images
from sketchdesk.library.index.index import Query
from sketchdesk.library.paths import images_dir
from sketchdesk.ui.gallery.gallery_tab import GalleryTab


@pytest.fixture
def tab(make_tab, qtbot) -> GalleryTab:
    """A gallery for which three pictures were just drawn without keeping them, beside one that is kept."""
    tab = make_tab("studio")
    for count, keep in ((1, True), (3, False)):
        job = GenerateJob(
            model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir() / "today"), count=count, keep=keep
        )
        with qtbot.waitSignal(tab._opened._runner.job_ended):
            tab._opened._runner.submit(job)
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 4)
    return tab


def shown(tab: GalleryTab) -> list[Path]:
    found = [tab.cells.image_at(row) for row in range(tab.cells.rowCount())]
    return [image.path for image in found if image]


def test_they_are_marked_and_counted(tab, qtbot):
    qtbot.waitUntil(tab.desk.unsaved.isVisible)
    assert not tab.live.cells()
    qtbot.waitUntil(lambda: len(shown(tab)) == 4)
    texts = [tab.cells.data(tab.cells.index(row)) for row in range(4)]
    assert sum(text.startswith("Not saved") for text in texts) == 3


def test_only_they_are_shown_and_all_again_once_they_are_saved(tab, qtbot):
    qtbot.waitUntil(tab.desk.unsaved.isVisible)
    tab.desk.unsaved.only.click()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 3)
    with qtbot.waitSignal(tab.message) as told:
        tab.desk.unsaved.save.click()
    assert str(images_dir() / "today") in told.args[0].text
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 4)
    assert tab.filters.value() == Query()
    qtbot.waitUntil(tab.desk.unsaved.isHidden)
    assert unsaved_images() == []
    assert len(list((images_dir() / "today").iterdir())) == 4


def test_one_is_saved_from_the_inspector_and_keeps_its_run(tab, qtbot):
    qtbot.waitUntil(lambda: len(shown(tab)) == 4)
    row = next(row for row in range(4) if tab.cells.image_at(row).unsaved)
    tab.grid.setCurrentIndex(tab.cells.index(row))
    qtbot.waitUntil(lambda: tab.inspector._save.isVisible())
    run = tab.inspector.image.run
    with qtbot.waitSignal(tab.catalogue.kept) as kept:
        tab.inspector._save.click()
    (place,) = kept.args[0].values()
    assert len(unsaved_images()) == 2
    qtbot.waitUntil(lambda: place in shown(tab))
    (image,) = [one for row in range(4) if (one := tab.cells.image_at(row)) and one.path == place]
    assert (image.unsaved, image.run) == (False, run)


def test_what_is_dropped_comes_back_with_undo(tab, qtbot):
    qtbot.waitUntil(tab.chosen.keeping.has_any)
    with qtbot.waitSignal(tab.message) as told:
        tab.chosen.keeping.drop_all()
    assert unsaved_images() == []
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 1)
    told.args[0].action()
    qtbot.waitUntil(lambda: len(unsaved_images()) == 3)


def test_a_kept_picture_offers_neither(tab, qtbot):
    qtbot.waitUntil(lambda: len(shown(tab)) == 4)
    row = next(row for row in range(4) if not tab.cells.image_at(row).unsaved)
    tab.grid.setCurrentIndex(tab.cells.index(row))
    qtbot.waitUntil(lambda: tab.inspector.image is not None)
    assert tab.inspector._save.isHidden()
    assert not tab.chosen.has_unsaved()
