"""The data set page: what a set holds, its flaws by kind, and captions that are edited and kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.dataset.captions import edits_file, read_edits
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.ui.training.set_dialog import SetDialog
from sketchdesk.ui.training.set_overview import FLAW_ROLE
from sketchdesk.ui.training.set_table import CAPTION, FOUND, NAME, PICTURE

SHAPES = {"wide": (64, 32), "tall": (32, 64), "square": (64, 64)}


@pytest.fixture
def folder(tmp_path) -> Path:
    made = tmp_path / "letters"
    made.mkdir()
    for place, (name, size) in enumerate(SHAPES.items()):
        picture = Image.new("RGB", size, "white")
        ImageDraw.Draw(picture).ellipse((4 + 6 * place, 4, 20 + 6 * place, 28), fill=("red", "blue", "green")[place])
        picture.save(made / f"{name}.png")
        (made / f"{name}.txt").write_text(f"a {name} one")
    shutil.copy(made / "wide.png", made / "wide2.png")
    (made / "wide2.txt").write_text("the same again")
    (made / "cut.png").write_bytes((made / "square.png").read_bytes()[:90])
    (made / "cut.txt").write_text("cut short")
    return made


@pytest.fixture
def open_page(qtbot, folder, tiny_sd):
    made = []

    def make() -> SetDialog:
        page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(folder), out_dir="", resolution=32))
        made.append(page)
        page.finished.connect(lambda: made.remove(page))
        page.show()
        qtbot.waitUntil(lambda: page.table.rowCount() > 0, timeout=30_000)
        return page

    yield make
    for page in tuple(made):
        page.accept()


def choose(page: SetDialog, flaw: Flaw | None) -> None:
    rows = page.findChild(object, "dataset_findings")
    wanted = [row for row in range(rows.count()) if rows.item(row).data(FLAW_ROLE) == flaw]
    rows.setCurrentRow(wanted[0])


def cells(page: SetDialog, column: int) -> list[str]:
    return [page.table.index(row, column).data() for row in range(page.table.rowCount())]


def test_a_set_is_counted_and_every_flaw_listed_with_what_becomes_of_it(open_page):
    page = open_page()
    assert page.findChild(object, "dataset_counts").text() == "5 pictures · 4 can be trained on"
    assert sorted(cells(page, NAME)) == ["cut.png", "square.png", "tall.png", "wide.png", "wide2.png"]
    flaws = {Flaw.SAME_FILE: ("wide2.png", "Both are used"), Flaw.TRUNCATED: ("cut.png", "The picture is skipped")}
    for flaw, (name, effect) in flaws.items():
        choose(page, flaw)
        assert cells(page, NAME) == [name]
        assert page.findChild(object, "dataset_effect").text().startswith(effect)
        assert all(cells(page, FOUND))


def test_duplicates_are_shown_side_by_side(qtbot, open_page):
    page = open_page()
    choose(page, Flaw.SAME_FILE)
    assert page.findChild(object, "dataset_picked").accessibleName() == "wide2.png, wide.png"
    picture = page.table.index(0, PICTURE)
    role = Qt.ItemDataRole.DecorationRole
    qtbot.waitUntil(lambda: picture.data(role) is not None)
    assert picture.data(role).width() == 2 * picture.data(role).height()


def test_an_edited_caption_is_kept_beside_the_set_and_can_be_taken_back(qtbot, open_page, folder):
    page = open_page()
    place = cells(page, NAME).index("tall.png")
    assert page.table.setData(page.table.index(place, CAPTION), "  an   ell ")
    page.accept()
    file = edits_file(str(folder))
    assert read_edits(file).edits["tall.png"].caption == "an ell"
    assert (folder / "tall.txt").read_text() == "a tall one"
    page = open_page()
    assert cells(page, CAPTION)[place] == "an ell"
    page.findChild(object, "dataset_table").selectRow(place)
    page.findChild(object, "dataset_own_caption").click()
    assert cells(page, CAPTION)[place] == "a tall one"
    page.accept()
    assert read_edits(file).edits == {}


def test_a_set_that_cannot_be_read_says_so_and_is_looked_at_again(qtbot, tmp_path, tiny_sd, folder):
    place = tmp_path / "later"
    page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(place), out_dir=""))
    page.show()
    qtbot.waitUntil(lambda: page.findChild(object, "dataset_again").isVisible())
    assert str(place) in page.findChild(object, "dataset_status").text()
    shutil.copytree(folder, place)
    page.findChild(object, "dataset_again").click()
    qtbot.waitUntil(lambda: page.table.rowCount() == 5, timeout=30_000)
    page.accept()


def test_a_look_can_be_cancelled(qtbot, tmp_path, tiny_sd):
    place = tmp_path / "many"
    place.mkdir()
    for number in range(300):
        Image.new("RGB", (256, 256), (number % 256, 0, 0)).save(place / f"{number}.png")
        (place / f"{number}.txt").write_text("red")
    page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(place), out_dir=""))
    page.show()
    with qtbot.waitSignal(page._looking.failed, timeout=30_000):
        page.findChild(object, "dataset_cancel").click()
    qtbot.waitUntil(lambda: page.findChild(object, "dataset_again").isVisible())
    assert page.table.rowCount() == 0
    page.accept()
