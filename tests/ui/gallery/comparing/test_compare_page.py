from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt

from sketchdesk.ui.gallery.comparing.compare_page import ComparePage
from sketchdesk.ui.gallery.grid.reading import read_original
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails

KEY = Qt.Key


@pytest.fixture
def page(qtbot):
    originals = Thumbnails(read_original)
    page = ComparePage(originals)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    page.set_models(["demo-base", "/t/sketch/model"])
    yield page
    originals.shutdown()


def pairs(images):
    """The two models' pictures of the same prompt and seed."""
    return list(zip(images[:4], images[4:], strict=True))


def test_both_pictures_are_shown_with_their_models_and_scores(qtbot, page, images):
    left, right = (
        msgspec.structs.replace(image, scores={"cosine": score})
        for image, score in zip((images[0], images[4]), (0.301, 0.348), strict=True)
    )
    page.show_selected([(left, right)])
    assert [caption.full_text for caption in page._captions] == ["demo-base · CLIP 0.301", "sketch-lora · CLIP 0.348"]
    assert page.pairs._list.item(0).text() == "a zebra\nseed 1\n0.301 → 0.348 (+0.047)"
    qtbot.waitUntil(lambda: page.swipe.image is not None and page.right.image is not None)
    assert page.left.image.pixelColor(5, 5).green() == 90
    assert page.right.image.pixelColor(5, 5).green() == 200


def test_two_models_are_chosen_and_their_pairs_asked_for(qtbot, page, images):
    with qtbot.waitSignal(page.pairs_wished) as wished:
        page.choose_models("demo-base", "/t/sketch/model")
    assert wished.args == ["demo-base", "/t/sketch/model"]
    page.show_pairs(pairs(images))
    assert page.pair == (images[0], images[4])
    qtbot.keyClick(page, KEY.Key_Down)
    assert page.pair == (images[1], images[5])
    qtbot.keyClick(page, KEY.Key_Up)
    assert page.pair == (images[0], images[4])
    page._swap.click()
    assert page.pair == (images[4], images[0])
    assert page._left_model.currentData() == "/t/sketch/model"


def test_side_by_side_zooms_as_one(qtbot, page, images):
    page.show_selected(pairs(images))
    qtbot.waitUntil(lambda: page.left.image is not None)
    page._beside.click()
    assert page.left.isVisible() and page.right.isVisible() and not page.swipe.isVisible()
    before = page.right.scale()
    page.zoom_in()
    assert page.right.scale() == page.left.scale() > before
    page.bar.pixels.click()
    assert page.right.scale() == 1.0
    page.bar.fit.click()
    assert page.right.sight.scale is None


def test_nothing_to_compare_says_what_to_do(qtbot, page):
    page.show_selected([])
    assert "Choose two models" in page.swipe._text
    page.choose_models("demo-base", "/t/sketch/model")
    page.show_pairs([])
    assert "No two pictures" in page.swipe._text
    page.grab()


def test_a_picture_that_is_gone_is_said(qtbot, page, images):
    images[0].path.unlink()
    page.show_selected([(images[0], images[4])])
    qtbot.waitUntil(lambda: "cannot be read" in page.swipe._text)


def test_esc_goes_back(qtbot, page):
    with qtbot.waitSignal(page.closed):
        qtbot.keyClick(page, KEY.Key_Escape)


def test_the_models_chosen_stay_chosen_when_others_come(page):
    page.choose_models("demo-base", "/t/sketch/model")
    page.set_models(["another", "demo-base", "/t/sketch/model"])
    assert (page._left_model.currentText(), page._right_model.currentText()) == ("demo-base", "sketch")
