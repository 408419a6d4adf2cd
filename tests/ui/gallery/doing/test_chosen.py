"""What can be done with the pictures that are selected."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QPushButton

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.library.index.index import ImageIndex
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.ui.gallery.grid.dropped import as_files

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def test_delete_and_undo_by_keys(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    assert not tab.chosen.trash_can.can_undo()
    person.picks(1, 2)
    qtbot.keyClick(tab.grid, KEY.Key_Delete)
    person.sees([pictures[0], *pictures[3:]])
    assert tab.chosen.trash_can.can_undo()
    qtbot.keyClick(tab.grid, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    person.sees(pictures)
    assert not tab.chosen.trash_can.can_undo()


def test_the_full_stop_stars_and_the_chip_finds_the_stars(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(1, 3)
    qtbot.keyClick(tab.grid, KEY.Key_Period)
    chip = person.child(QPushButton, "gallery_starred_chip")
    qtbot.waitUntil(lambda: chip.text().strip() == "2")
    qtbot.mouseClick(chip, LEFT)
    person.sees([pictures[1], pictures[3]])
    qtbot.waitUntil(lambda: all(tab.cells.image_at(row).starred for row in range(2)))


def test_two_selected_pictures_are_compared(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(0, 4, 5)
    qtbot.keyClick(tab.grid, KEY.Key_M)
    qtbot.waitUntil(tab.comparing.isVisible)
    assert [image.path for image in tab.comparing.pair] == [pictures[0], pictures[4]]
    assert len(tab.comparing.pairs._pairs) == 2
    assert not tab.inspector.isVisible()
    tab.chosen.star()
    qtbot.waitUntil(lambda: tab.filters._found.starred == 1)
    qtbot.keyClick(tab.comparing, KEY.Key_Escape)
    assert tab.grid.isVisible() and tab.inspector.isVisible()


def test_with_nothing_selected_two_models_are_compared_at_the_same_seeds(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.presses("gallery_compare_button")
    qtbot.waitUntil(lambda: len(tab.comparing.pairs._pairs) == 4)
    for left, right in tab.comparing.pairs._pairs:
        assert (left.record.model, right.record.model) == ("demo-base", "sketch-lora")
        assert (left.record.seed, left.record.prompt) == (right.record.seed, right.record.prompt)


def test_a_picture_is_compared_with_what_other_models_drew_at_its_seed(qtbot, open_gallery, pictures):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.picks(6)
    person.presses("inspector_base_button")
    qtbot.waitUntil(tab.comparing.isVisible)
    assert [image.path for image in tab.comparing.pair] == [pictures[2], pictures[6]]


def test_where_the_base_has_not_drawn_it_it_is_asked_to_and_the_pair_is_offered(qtbot, open_gallery, draw, record):
    lora = (LoraUse(path="/l/ink.safetensors"),)
    draw("tuned.png", record("a fox", 9, loras=lora))
    person = open_gallery()
    tab = person.tab
    qtbot.waitUntil(lambda: len(person.shown()) == 1)
    person.picks(0)
    with qtbot.waitSignal(tab.draw_requested) as wished:
        tab.chosen.compare_with_base()
    (job,) = wished.args[0]
    assert (job.model, job.loras, job.prompts[0].seed) == ("demo-base", (), 9)
    tab.catalogue.image_saved(draw("base.png", record("a fox", 9), age_s=5), "base")
    qtbot.waitUntil(lambda: person.told[-1].action_text == "Compare")
    person.told[-1].action()
    assert [image.path.name for image in tab.comparing.pair] == ["base.png", "tuned.png"]


def test_without_a_base_it_says_what_to_do(qtbot, open_gallery, draw, record):
    draw("only.png", record("a fox", 9))
    person = open_gallery()
    tab = person.tab
    qtbot.waitUntil(lambda: len(person.shown()) == 1)
    person.picks(0)
    tab.chosen.compare_with_base()
    qtbot.waitUntil(lambda: bool(person.told))
    assert person.told[-1].next_step


def test_what_is_found_is_exported_and_can_be_opened(qtbot, open_gallery, pictures, tmp_path):
    person = open_gallery()
    tab = person.tab
    person.sees(pictures)
    person.presses("gallery_export_button")
    dialog = tab.chosen.exporting.dialog
    dialog._target.edit.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(dialog.exported):
        qtbot.mouseClick(dialog._export, LEFT)
    assert len(list((tmp_path / "out").iterdir())) == 8
    assert (person.told[-1].level, person.told[-1].action_text) == ("good", "Open")
    assert tab.chosen.exporting.dialog is None


def test_all_that_is_selected_is_dragged_out_also_what_was_never_read(qtbot, make_tab, pictures):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.cells._images.clear()
    tab.grid.pick(list(tab.cells.ids))
    with qtbot.waitSignal(tab.grid.drag_wished) as wished:
        tab.grid.startDrag(Qt.DropAction.CopyAction)
    with ImageIndex(index_file(), [images_dir()]) as index:
        assert index.paths(wished.args[0]) == pictures


def test_nothing_is_dragged_once_the_button_is_up(qtbot, make_tab, pictures):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.grid.drag(pictures)  # would not come back before the drop, were there a button down
    assert as_files(pictures).urls() == [QUrl.fromLocalFile(str(path)) for path in pictures]
