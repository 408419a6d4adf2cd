"""The data set page: what a set holds, its flaws by kind, and captions that are edited and kept."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from sketchdesk.contracts.jobs import CaptionJob, TrainJob
from sketchdesk.library.dataset.captions import Edit, edits_file, read_edits
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.training.dataset.set_dialog import SetDialog
from sketchdesk.ui.training.dataset.set_overview import FLAW_ROLE
from sketchdesk.ui.training.dataset.set_table import CAPTION, FOUND, NAME, PICTURE
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

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
def runner(fake_engine) -> Iterator[JobRunner]:
    """Over an engine that captions each picture with the name of its file."""
    made = JobRunner(command=fake_engine("captions"), graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5))
    yield made
    made.shutdown()


@pytest.fixture
def open_page(qtbot, folder, tiny_sd, runner):
    made = []

    def make() -> SetDialog:
        page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(folder), out_dir="", resolution=32), runner)
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


def listed(page: SetDialog) -> dict[Flaw | None, str]:
    rows = page.findChild(object, "dataset_findings")
    return {rows.item(row).data(FLAW_ROLE): rows.item(row).text() for row in range(rows.count())}


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


def test_a_list_of_pictures_shows_their_names_and_tells_where_they_lie(qtbot, folder, tiny_sd, runner, tmp_path):
    listed = tmp_path / "some.txt"
    listed.write_text(f"{folder / 'wide.png'}\n{folder / 'tall.png'}\n")
    page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(listed), out_dir=""), runner)
    page.show()
    qtbot.waitUntil(lambda: page.table.rowCount() > 0, timeout=30_000)
    assert cells(page, NAME) == ["wide.png", "tall.png"]
    assert page.table.index(0, NAME).data(Qt.ItemDataRole.ToolTipRole) == str(folder / "wide.png")
    page.accept()


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


def test_a_set_that_cannot_be_read_says_so_and_is_looked_at_again(qtbot, tmp_path, tiny_sd, folder, runner):
    place = tmp_path / "later"
    page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(place), out_dir=""), runner)
    page.show()
    qtbot.waitUntil(lambda: page.findChild(object, "dataset_again").isVisible())
    assert str(place) in page.findChild(object, "dataset_status").text()
    shutil.copytree(folder, place)
    page.findChild(object, "dataset_again").click()
    qtbot.waitUntil(lambda: page.table.rowCount() == 5, timeout=30_000)
    page.accept()


def test_a_look_can_be_cancelled(qtbot, tmp_path, tiny_sd, runner):
    place = tmp_path / "many"
    place.mkdir()
    for number in range(300):
        Image.new("RGB", (256, 256), (number % 256, 0, 0)).save(place / f"{number}.png")
        (place / f"{number}.txt").write_text("red")
    page = SetDialog(TrainJob(model=str(tiny_sd), dataset=str(place), out_dir=""), runner)
    page.show()
    with qtbot.waitSignal(page.waiting.looking.failed, timeout=30_000):
        page.findChild(object, "dataset_cancel").click()
    qtbot.waitUntil(lambda: page.findChild(object, "dataset_again").isVisible())
    assert page.table.rowCount() == 0
    page.accept()


def ask_for_captions(page: SetDialog, *, chosen: bool, prefix: str = "") -> None:
    page.findChild(object, "dataset_write_captions").click()
    dialog = page.findChild(object, "caption_dialog")
    dialog.findChild(object, "caption_chosen" if chosen else "caption_missing").setChecked(True)
    dialog.findChild(object, "caption_prefix").setText(prefix)
    dialog.findChild(object, "caption_write").click()


def test_captions_are_written_for_chosen_pictures_edited_afterwards_and_undone(qtbot, open_page, folder):
    page = open_page()
    names = cells(page, NAME)
    tall, wide = names.index("tall.png"), names.index("wide.png")
    table = page.findChild(object, "dataset_table")
    table.selectRow(tall)
    ask_for_captions(page, chosen=True, prefix="ink of")
    qtbot.waitUntil(lambda: cells(page, CAPTION)[tall] == "ink of picture tall.png", timeout=30_000)
    assert cells(page, CAPTION)[wide] == "a wide one"
    page.table.setData(page.table.index(tall, CAPTION), "a tower")
    undo = page.findChild(object, "dataset_undo")
    undo.click()
    assert cells(page, CAPTION)[tall] == "ink of picture tall.png"
    undo.click()
    assert cells(page, CAPTION)[tall] == "a tall one"
    assert not undo.isEnabled()
    page.accept()
    assert read_edits(edits_file(str(folder))).edits == {}
    assert (folder / "tall.txt").read_text() == "a tall one"


def test_all_that_is_written_at_once_is_undone_at_once_and_what_has_words_keeps_them(qtbot, open_page, folder):
    for name in ("tall", "wide"):
        (folder / f"{name}.txt").unlink()
    page = open_page()
    places = [cells(page, NAME).index(name) for name in ("tall.png", "wide.png")]
    assert [cells(page, FOUND)[place].count("no caption") for place in places] == [1, 1]
    counts = page.findChild(object, "dataset_counts")
    assert counts.text() == "5 pictures · 2 can be trained on"
    choose(page, Flaw.NO_CAPTION)
    assert cells(page, NAME) == ["tall.png", "wide.png"]
    choose(page, None)
    before = cells(page, CAPTION)
    ask_for_captions(page, chosen=False)
    written = ["picture tall.png", "picture wide.png"]
    qtbot.waitUntil(lambda: [cells(page, CAPTION)[place] for place in places] == written, timeout=30_000)
    qtbot.waitUntil(lambda: counts.text() == "5 pictures · 4 can be trained on", timeout=30_000)
    assert [cells(page, FOUND)[place].count("no caption") for place in places] == [0, 0]
    assert Flaw.NO_CAPTION not in listed(page)
    changed = [place for place, caption in enumerate(cells(page, CAPTION)) if caption != before[place]]
    assert sorted(changed) == sorted(places)
    qtbot.waitUntil(lambda: page.findChild(object, "dataset_write_captions").isVisible(), timeout=30_000)
    page.undo()
    assert cells(page, CAPTION) == before
    qtbot.waitUntil(lambda: counts.text() == "5 pictures · 2 can be trained on", timeout=30_000)
    assert Flaw.NO_CAPTION in listed(page)


def test_what_is_looked_at_and_typed_stays_while_captions_come_and_are_counted(qtbot, open_page, folder, runner):
    for name in ("tall", "wide"):
        (folder / f"{name}.txt").unlink()
    page = open_page()
    choose(page, Flaw.NO_CAPTION)
    view = page.findChild(object, "dataset_table")
    view.edit(page.table.index(0, CAPTION))
    editor = view.findChild(QLineEdit)
    qtbot.keyClicks(editor, "half a senten")
    runner.submit(CaptionJob(dataset=str(folder), captions_file=str(edits_file(str(folder)))))
    counts = page.findChild(object, "dataset_counts")
    qtbot.waitUntil(lambda: counts.text() == "5 pictures · 4 can be trained on", timeout=30_000)
    assert cells(page, NAME) == ["tall.png", "wide.png"]
    assert cells(page, CAPTION) == ["picture tall.png", "picture wide.png"]
    assert editor.text() == "half a senten"
    assert cells(page, FOUND) == ["", ""]
    assert listed(page)[Flaw.NO_CAPTION].endswith("· 0")


def test_writing_is_shown_stopped_and_found_again_when_the_page_is_opened_anew(qtbot, open_page, folder, runner):
    for number in range(400):
        shutil.copy(folder / "square.png", folder / f"more{number:03}.png")
    page = open_page()
    ask_for_captions(page, chosen=False)
    stop = page.findChild(object, "dataset_caption_stop")
    qtbot.waitUntil(lambda: page.findChild(object, "dataset_caption_progress").value() > 0, timeout=30_000)
    assert stop.isVisible()
    page.accept()
    page = open_page()
    stop = page.findChild(object, "dataset_caption_stop")
    assert stop.isVisible()
    stop.click()
    (job_id,) = runner.job_ids()
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.CANCELED, timeout=30_000)
    qtbot.waitUntil(lambda: not stop.isVisible())
    shown = dict(zip(cells(page, NAME), cells(page, CAPTION), strict=True))
    kept = read_edits(edits_file(str(folder))).edits
    assert 0 < len(kept) < 400
    assert {name: text for name, text in shown.items() if name in kept} == {k: edit.caption for k, edit in kept.items()}
    assert all(edit == Edit(f"picture {key}", "blip") for key, edit in kept.items())
