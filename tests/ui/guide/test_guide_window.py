from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from sketchdesk.contracts.text import use_language
from sketchdesk.library.guide.pages import PAGES, Place, read_page
from sketchdesk.library.paths import resource
from sketchdesk.ui.guide.dressing import code_blocks, heading_level
from sketchdesk.ui.guide.guide_window import GuideWindow
from sketchdesk.ui.guide.page_view import ZOOMS, picture_path
from sketchdesk.ui.theme.manager import theme


@pytest.fixture
def guide(qtbot) -> GuideWindow:
    window = GuideWindow()
    qtbot.addWidget(window)
    window.show()
    return window


def titles(guide: GuideWindow) -> list[str]:
    return [guide.contents.topLevelItem(row).text(0) for row in range(guide.contents.topLevelItemCount())]


def test_it_opens_on_the_first_page_with_all_pages_beside_it(guide):
    assert guide.place == Place("first-steps")
    assert titles(guide) == [read_page(name, "en").title for name in PAGES]
    assert guide.windowTitle() == "Guide"
    assert guide.view.toPlainText().startswith("The first quarter of an hour")


def test_every_page_shows_its_headings_its_code_and_no_marks(guide):
    for name in PAGES:
        guide.show_place(Place(name))
        page = read_page(name, "en")
        block, headings = guide.view.document().begin(), []
        while block.isValid():
            if heading_level(block):
                headings.append(block.text())
            block = block.next()
        assert headings == [section.title.replace("`", "") for section in page.sections]
        shown = guide.view.toPlainText()
        assert "**" not in shown
        assert "<a id" not in shown
        fences = sum(section.body.count("\n```\n") + section.body.startswith("```\n") for section in page.sections)
        assert len(list(code_blocks(guide.view.document()))) <= fences


def test_a_link_leads_on_and_back_leads_to_where_one_was(guide, qtbot):
    guide.show_place(Place("training", "ema"))
    below = guide.view.verticalScrollBar().value()
    assert below > 0
    guide.view.anchorClicked.emit(QUrl("evaluation.md#clip"))
    assert guide.place == Place("evaluation", "clip")
    assert guide.view.anchor_in_sight() == "clip"
    assert not guide.forward.isEnabled()
    qtbot.keyClick(guide, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert guide.place.page == "training"
    guide.forward.click()
    assert guide.place.page == "evaluation"
    guide.back.click()
    guide.back.click()
    assert guide.place.page == "first-steps"
    assert not guide.back.isEnabled()


def test_searching_shows_where_and_enter_goes_there(guide, qtbot):
    qtbot.keyClicks(guide.search, "dice")
    assert titles(guide) == ["Drawing"]
    qtbot.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.place == Place("drawing", "seeds")
    marked = [selection.cursor.selectedText() for selection in guide.view.extraSelections()]
    assert marked == ["dice"]
    guide.search.setText("zeppelin")
    assert titles(guide) == []
    qtbot.keyClick(guide.search, Qt.Key.Key_Return)
    assert guide.place == Place("drawing", "seeds")
    guide.search.clear()
    assert len(titles(guide)) == len(PAGES)
    assert guide.view.extraSelections() == []


def test_zooming_by_keys_and_by_wheel_keeps_within_limits(guide, qtbot):
    guide.show_place(Place("drawing", "samplers"))
    qtbot.keyClick(guide, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert guide.view.zoom == ZOOMS[ZOOMS.index(1.0) + 1]
    assert guide.view.anchor_in_sight() == "samplers"
    for _turn in range(2 * len(ZOOMS)):
        wheel = QWheelEvent(
            QPointF(5, 5), QPointF(5, 5), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(guide.view.viewport(), wheel)
    assert guide.view.zoom == ZOOMS[0]
    assert not guide.smaller.isEnabled()
    qtbot.keyClick(guide, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert guide.view.zoom == 1.0


def test_it_stands_again_as_it_was_left(guide, qtbot):
    guide.show_place(Place("gallery", "again"))
    guide.larger.click()
    other = GuideWindow()
    qtbot.addWidget(other)
    other.restore_state(guide.save_state())
    assert other.place == Place("gallery", "again")
    assert other.view.zoom == guide.view.zoom
    other.restore_state({"place": "cooking", "zoom": 77, "geometry": "?"})
    assert other.place == Place("gallery", "again")


def test_it_takes_the_language_in_use_where_one_reads(guide):
    guide.show_place(Place("drawing", "seeds"))
    use_language(resource("translations"), "es")
    try:
        guide.retranslate()
        assert guide.view.toPlainText().startswith("Dibujar")
        assert guide.place == Place("drawing", "seeds")
        assert "Galería" in titles(guide)
    finally:
        use_language(resource("translations"), "en")


def test_pictures_are_the_theme_s_and_no_wider_than_the_column(guide):
    guide.show_place(Place("first-steps"))
    assert picture_path("en", "../pictures/en/window-light.png", dark=True).endswith("window-dark.png")
    assert picture_path("en", "../pictures/en/window-light.png", dark=False).endswith("window-light.png")
    guide.resize(600, 500)
    document = guide.view.document()
    assert document.size().width() <= guide.view.viewport().width() + 1


def test_a_switch_of_themes_dresses_the_page_again(guide):
    guide.show_place(Place("drawing", "seeds"))
    before = theme().tokens
    theme().apply("light" if before.dark else "dark")
    try:
        fragment = guide.view.document().begin().begin().fragment()
        assert fragment.charFormat().foreground().color().name() == theme().tokens.text
        assert guide.view.anchor_in_sight() == "seeds"
    finally:
        theme().apply("dark" if before.dark else "light")
