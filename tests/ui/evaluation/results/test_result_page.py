"""The page of results, looked at as a person does."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QTabBar, QTableView, QToolButton, QWidget

from sketchdesk.contracts.jobs import EvaluateJob
from sketchdesk.ui.evaluation.results.exporting import Exporter
from sketchdesk.ui.evaluation.results.picture_dialog import PictureDialog
from sketchdesk.ui.evaluation.results.prompt_dialog import PromptDialog
from sketchdesk.ui.evaluation.results.result_page import ResultPage
from sketchdesk.ui.evaluation.results.result_parts import result_parts
from sketchdesk.ui.evaluation.results.tiles import Tile
from sketchdesk.ui.evaluation.studies.pictures import Pictures
from sketchdesk.ui.theme.manager import theme
from sketchdesk.ui.turns import whole


@pytest.fixture
def page(qtbot, pictures, background, study, folder):
    made = ResultPage(whole(result_parts(pictures, background)), pictures, Exporter(background, QWidget()))
    for _part in made.put_together():
        pass
    qtbot.addWidget(made)
    made.resize(1000, 900)
    made.show_study(study, folder)
    made.show()
    qtbot.waitExposed(made)
    return made


def child(widget, kind, name):
    found = widget.findChild(kind, name)
    assert found is not None, name
    return found


def tiles(page):
    found = [page.findChild(Tile, f"evaluation_tile_{number}") for number in range(4)]
    return [tile.accessibleName() for tile in found if tile.isVisible()]


def test_the_head_says_what_was_done_and_what_came_of_it(page):
    assert page.findChild(QLabel, "evaluation_title").full_text == "Foxes and owls"
    assert child(page, QLabel, "evaluation_size").text() == "3 prompts × 2 models × 2 seeds"
    verdict = child(page, QLabel, "evaluation_verdict").text()
    assert verdict.startswith("The fine-tuned model scores higher: +0.083")
    assert "4 of 6 same-seed pairs" in verdict
    assert "Both models drew “in ink …”" in child(page, QLabel, "evaluation_asked").text()
    assert tiles(page) == [
        "CLIP cosine, fine-tuned: 0.283 base 0.200",
        "Paired difference: +0.083 95 % [+0.063, +0.103]",
        "Same-seed pairs won: 4 / 6 sign test p = 0.69",
        "BLIP says “drawing”, fine-tuned: 50 % base 0 %",
    ]


def test_the_variants_are_tabs(page):
    tabs = child(page, QTabBar, "evaluation_variants")
    assert [tabs.tabText(number) for number in range(tabs.count())] == ["Both", "Scorer only"]
    tabs.setCurrentIndex(1)
    assert "scores lower: −0.083" in child(page, QLabel, "evaluation_verdict").text()
    assert tiles(page)[1].startswith("Paired difference: −0.083")
    assert child(page, QTableView, "evaluation_prompts").model().index(0, 3).data() == "−0.100"


def test_a_click_on_a_column_sorts(qtbot, page):
    view = child(page, QTableView, "evaluation_prompts")
    header = view.horizontalHeader()
    where = header.viewport().rect().topLeft()
    where.setX(header.sectionPosition(3) + 20)
    where.setY(10)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    first = [view.model().index(row, 0).data() for row in range(3)]
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert [view.model().index(row, 0).data() for row in range(3)] == first[::-1]
    assert sorted((first[0], first[-1])) == ["a zebra", "an owl"]


def test_a_prompt_opens_with_every_seed_and_a_picture_large(qtbot, page, folder):
    view = child(page, QTableView, "evaluation_prompts")
    view.setFocus()
    view.setCurrentIndex(view.model().index(2, 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    dialog = page.findChild(PromptDialog)
    assert child(dialog, QLabel, "evaluation_prompt_title").text() == "a zebra"
    seeds = child(dialog, QTableView, "evaluation_seeds")
    model = seeds.model()
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert model.headerData(1, Qt.Orientation.Vertical) == "seed 1"
    assert model.headerData(1, Qt.Orientation.Horizontal) == "fine-tuned"
    seeds.setCurrentIndex(model.index(1, 1))
    qtbot.keyClick(seeds, Qt.Key.Key_Return)
    large = dialog.findChild(PictureDialog)
    text = child(large, QLabel, "evaluation_picture_text")
    assert "fine-tuned · seed 1 · CLIP 0.401 · “a colour picture”" in text.text()
    qtbot.keyClick(large, Qt.Key.Key_Left)
    assert "base · seed 1" in text.text()
    for _each in range(5):
        qtbot.mouseClick(child(large, QToolButton, "evaluation_picture_back"), Qt.MouseButton.LeftButton)
    assert "base · seed 0" in text.text()
    large.close()
    dialog.close()


def test_pictures_are_read_when_they_are_seen_and_broken_ones_do_no_harm(qtbot, folder, study):
    made = Pictures()
    good, bad = folder / study.variants[0].images[0].file, folder / "report.html"
    with qtbot.waitSignal(made.arrived):
        assert made.get(good) is None
        assert made.get(bad) is None
    qtbot.waitUntil(lambda: made.get(good) is not None and made.get(bad) is not None)
    assert (made.get(good).width(), made.get(bad).isNull()) == (16, True)
    made.shutdown()


def test_the_charts_have_a_dot_for_every_picture_and_open_prompts(qtbot, page):
    qtbot.waitUntil(lambda: page.findChild(QWidget, "evaluation_pairs") is not None, timeout=30_000)
    strip, pairs = page.findChild(QWidget, "evaluation_strip"), page.findChild(QWidget, "evaluation_pairs")
    import pyqtgraph as pg

    def dots(plot):
        return [item for item in plot.getPlotItem().items if isinstance(item, pg.ScatterPlotItem)]

    assert sum(len(item.points()) for item in dots(strip)) == 12
    (scatter,) = dots(pairs)
    assert len(scatter.points()) == 6
    point = max(scatter.points(), key=lambda each: each.pos().y())
    assert (point.pos().x(), point.pos().y()) == pytest.approx((0.201, 0.401))
    scatter.sigClicked.emit(scatter, [point], None)
    dialog = page.findChild(PromptDialog)
    assert child(dialog, QLabel, "evaluation_prompt_title").text() == "a zebra"
    dialog.close()


def test_captions_are_listed_and_models_where_there_are_more_than_two(page, study, folder):
    captions = child(page, QTableView, "evaluation_captions")
    assert captions.model().rowCount() == 12
    captions.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    assert captions.model().index(0, 3).data() == "a sketch of a thing"
    assert not page.findChild(QWidget, "evaluation_models_card").isVisible()
    variant = study.variants[0]
    third = msgspec.structs.replace(variant.models[0], name="/t/third/model")
    more = msgspec.structs.replace(variant, models=(*variant.models, third))
    page.show_study(msgspec.structs.replace(study, variants=(more,)), folder)
    models = child(page, QTableView, "evaluation_models")
    assert models.isVisible()
    assert [models.model().index(row, 0).data() for row in range(3)] == ["base", "fine-tuned", "third"]
    assert not child(page, QTabBar, "evaluation_variants").isVisible()


def test_a_scored_folder_is_shown_without_a_comparison(page, study, folder):
    alone = msgspec.structs.replace(
        study.variants[0], name="", title="", cosine=None, models=study.variants[0].models[:1],
        images=study.variants[0].images[:6],
    )  # fmt: skip
    job = EvaluateJob(images_dir="/my/pictures", out_dir=str(folder), scorer_prefix="in ink")
    page.show_study(msgspec.structs.replace(study, job=job, variants=(alone,)), folder, "pictures")
    assert page.findChild(QLabel, "evaluation_title").full_text == "pictures"
    assert "mean CLIP cosine of 0.200" in child(page, QLabel, "evaluation_verdict").text()
    assert tiles(page)[0] == "CLIP cosine, base: 0.200 95 % [0.180, 0.220]"
    assert child(page, QTableView, "evaluation_prompts").model().rowCount() == 3
    assert not page.findChild(QWidget, "evaluation_pair_card").isVisible()


def test_the_theme_and_the_language_change_while_it_is_shown(qtbot, page):
    from sketchdesk.contracts import text
    from sketchdesk.library.paths import resource

    theme().apply("dark")
    text.use_language(resource("translations"), "es")
    page.retranslate()
    assert "puntúa" in child(page, QLabel, "evaluation_verdict").text()
    assert not page.grab().isNull()
    theme().apply("light")


def test_repeat_asks_for_the_same_job(qtbot, page, study):
    with qtbot.waitSignal(page.repeat_wanted) as wanted:
        qtbot.mouseClick(child(page, QPushButton, "evaluation_repeat_button"), Qt.MouseButton.LeftButton)
    assert wanted.args == [study.job]
