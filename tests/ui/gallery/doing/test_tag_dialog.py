from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt

from sketchdesk.library.images.tags import Tags
from sketchdesk.ui.gallery.doing.tag_dialog import ALL, NONE, SOME, TagDialog


@pytest.fixture
def dialog(qtbot, images) -> TagDialog:
    """Two pictures: both at night, one with a fox."""
    one, other = (
        msgspec.structs.replace(image, tags=tags)
        for image, tags in zip(images, (("fox", "night"), ("night",)), strict=False)
    )
    dialog = TagDialog([one, other], ["day", "fox", "night"])
    qtbot.addWidget(dialog)
    return dialog


def items(dialog: TagDialog) -> dict[str, Qt.CheckState]:
    found = (dialog._list.item(row) for row in range(dialog._list.count()))
    return {item.text(): item.checkState() for item in found}


def tick(dialog: TagDialog, tag: str, state: Qt.CheckState) -> None:
    dialog._list.findItems(tag, Qt.MatchFlag.MatchExactly)[0].setCheckState(state)


def test_ticks_say_which_pictures_have_a_tag(dialog):
    assert items(dialog) == {"day": NONE, "fox": SOME, "night": ALL}
    assert dialog._count.text() == "Tags of 2 pictures"
    assert dialog.changes() == ([], [])


def test_what_is_changed_is_told_and_a_half_tick_left_alone_changes_nothing(qtbot, dialog, images):
    tick(dialog, "day", ALL)
    tick(dialog, "night", NONE)
    qtbot.keyClicks(dialog._new, "best, Day ")
    with qtbot.waitSignal(dialog.chosen) as chosen:
        qtbot.mouseClick(dialog._apply, Qt.MouseButton.LeftButton)
    assert chosen.args == [[images[0].id, images[1].id], ["day", "best", "Day"], ["night"]]


def test_without_any_tag_it_says_what_they_are(qtbot, images):
    dialog = TagDialog(images[:1], [])
    qtbot.addWidget(dialog)
    assert dialog._list.isHidden() and not dialog._none_yet.isHidden()
    with qtbot.assertNotEmitted(dialog.chosen):
        qtbot.mouseClick(dialog._apply, Qt.MouseButton.LeftButton)


def test_the_gallery_tags_what_is_selected_and_filters_by_it(qtbot, make_tab, pictures):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.grid.pick(list(tab.cells.ids[:3]))
    tab.chosen.tag()
    qtbot.waitUntil(lambda: tab.chosen.tagging.dialog is not None)
    qtbot.keyClicks(tab.chosen.tagging.dialog._new, "night")
    qtbot.mouseClick(tab.chosen.tagging.dialog._apply, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tab.filters._found.tags == (("night", 3),))
    assert sorted(Tags.load().given) == sorted(pictures[:3])
    next(action for action in tab.filters._tag.menu_.actions() if action.text() == "night").trigger()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 3)
    assert tab.chosen.tagging.dialog is None
