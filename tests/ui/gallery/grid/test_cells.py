from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
from PySide6.QtCore import Qt

from sketchdesk.ui.gallery.grid.cells import KEPT, PAGE, CellsModel
from sketchdesk.ui.gallery.grid.live import LiveCell

LIVE = LiveCell("job", Path("00.jpg"), 1, "a fox", 7, 3, 12)


def asked(qtbot, cells: CellsModel, row: int) -> list[int]:
    with qtbot.waitSignal(cells.needed) as needed:
        assert cells.image_at(row) is None
    return needed.args[0]


def test_a_row_that_is_looked_at_is_asked_for_with_its_page_and_once(qtbot, cells):
    cells.show(array("q", range(1000, 1000 + 3 * PAGE)), [])
    with qtbot.waitSignal(cells.needed) as needed:
        assert [cells.image_at(row) for row in (PAGE, PAGE + 1)] == [None, None]
    assert needed.args[0] == list(range(1000 + PAGE, 1000 + 2 * PAGE))
    with qtbot.assertNotEmitted(cells.needed, wait=50):
        cells.image_at(PAGE + 5)


def test_what_was_read_is_told_of_its_cell(cells, images):
    cells.show(array("q", [image.id for image in images]), [])
    cells.put(images)
    index = cells.index(0)
    assert index.data() == index.data(Qt.ItemDataRole.AccessibleTextRole) == "a zebra"
    assert cells.image_at(0).path == images[0].path
    assert cells.row_of(images[3].id) == 3
    assert cells.row_of(987654) is None
    assert [url.toLocalFile() for url in cells.mimeData([cells.index(1), index]).urls()] == [
        str(images[0].path), str(images[1].path),
    ]  # fmt: skip


def test_what_may_have_changed_is_shown_until_it_is_read_again(qtbot, cells, images):
    cells.show(array("q", [image.id for image in images]), [])
    cells.put(images)
    cells.image_at(0)
    cells.stale()
    with qtbot.waitSignal(cells.needed) as needed:
        assert cells.image_at(0) == images[0]
    assert needed.args[0] == [image.id for image in images]


def test_what_is_being_drawn_comes_first_and_cannot_be_selected(cells, images):
    cells.show(array("q", [image.id for image in images]), [LIVE])
    cells.put(images)
    assert cells.rowCount() == len(images) + 1
    assert "step 3 of 12" in cells.index(0).data()
    assert "a fox" in cells.index(0).data()
    assert not cells.flags(cells.index(0)) & Qt.ItemFlag.ItemIsSelectable
    assert cells.flags(cells.index(1)) & Qt.ItemFlag.ItemIsDragEnabled
    assert (cells.id_at(0), cells.id_at(1), cells.row_of(images[0].id)) == (None, images[0].id, 1)
    assert cells.mimeData([cells.index(0)]).urls() == []


def test_a_new_preview_of_the_same_cell_is_no_reset(qtbot, cells):
    cells.show(array("q", [1, 2]), [LIVE])
    with qtbot.waitSignal(cells.dataChanged), qtbot.assertNotEmitted(cells.modelReset):
        cells.show(array("q", [1, 2]), [LiveCell("job", Path("00.jpg"), 2, "a fox", 7, 4, 12)])


def test_of_very_many_images_only_some_are_kept(qtbot, cells, images):
    import msgspec

    many = [msgspec.structs.replace(images[0], id=number) for number in range(KEPT + 10)]
    cells.show(array("q", range(KEPT + 10)), [])
    cells.put(many)
    assert cells.image(0) is None
    assert cells.image(KEPT + 9) is not None
    assert 0 in asked(qtbot, cells, 0)


def test_the_pointer_is_told_the_score_and_what_it_is(cells, images):
    scored = msgspec.structs.replace(images[0], scores={"cosine": 0.3478})
    cells.show(array("q", [scored.id, images[1].id]), [])
    cells.put([scored, images[1]])
    tips = [cells.data(cells.index(row), Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert tips[0].startswith("a zebra\nCLIP 0.348\n") and "cosine" in tips[0]
    assert tips[1] == "a zebra"
