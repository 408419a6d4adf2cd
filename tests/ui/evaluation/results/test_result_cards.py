"""The cards of times, of all metrics and of what was learnt by heart, on the page a person sees."""

from __future__ import annotations

import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListView, QMenu, QTableView, QWidget

from sketchdesk.library.evaluation.findings import Interval, SetScore
from sketchdesk.library.evaluation.timings import Machine, TimedDraw, TimedWay, Timings
from sketchdesk.library.evaluation.votes import Ballot, cast
from sketchdesk.ui.evaluation.results.exporting import Exporter
from sketchdesk.ui.evaluation.results.memory_card import LIKEST_ROLE
from sketchdesk.ui.evaluation.results.metric_card import AGREED, DIFFERENCE, SPARK
from sketchdesk.ui.evaluation.results.prompt_dialog import PromptDialog
from sketchdesk.ui.evaluation.results.result_page import ResultPage
from sketchdesk.ui.evaluation.results.result_parts import result_parts
from sketchdesk.ui.evaluation.results.spark import SPARK_ROLE, Histogram, Parts
from sketchdesk.ui.evaluation.results.times_card import BAR
from sketchdesk.ui.turns import whole


def way(model, size, steps, denoise_s):
    draws = tuple(
        TimedDraw(text_s=0.01 * size, denoise_s=denoise_s * size * (1 + 0.1 * number), decode_s=0.02 * size)
        for number in range(3)
    )
    return TimedWay(
        model=model, batch_size=size, steps=steps, width_px=64, height_px=64, guidance_scale=0.0, draws=draws,
        peak_gib=1.25, others_cores=0.9,
    )  # fmt: skip


@pytest.fixture
def timings():
    machine = Machine(device="cpu", name="A processor", precision="fp32", num_threads=1, cores=2, torch="2", system="L")
    ways = (way("base", 1, 25, 1.0), way("tuned", 1, 1, 0.07), way("base", 4, 25, 0.8), way("tuned", 4, 1, 0.05))
    return Timings(machine=machine, warm_up=2, ways=ways)


@pytest.fixture
def measured(study, tmp_path):
    """The study with metrics of pictures and of sets, and the training set's picture nearest to each."""
    trained = tmp_path / "trained.png"
    Image.new("RGB", (8, 8), "red").save(trained)
    variant = study.variants[0]
    images = tuple(
        msgspec.structs.replace(
            image,
            values={
                "style_prompt": 0.1 * place, "nearest_training": 0.5 + 0.01 * place,
                "nearest_training_image": str(trained) if place % 2 else "a key of a table",
            },
        )
        for place, image in enumerate(variant.images)
    )  # fmt: skip
    models = tuple(
        msgspec.structs.replace(model, metrics={"style_prompt": Interval(0.3, 0.2, 0.4, "t", 3)})
        for model in variant.models
    )
    sets = tuple(
        SetScore(experiment="1", model=model, metric=metric, value=value, deviation=spread, interval=found, images=6)
        for model, metric, value, spread, found in (
            ("base", "kid", 0.05, 0.01, None), ("tuned", "kid", 0.02, 0.01, None),
            ("tuned", "copied_share", 0.5, None, Interval(0.5, 0.08, 0.92, "wilson", 3)),
            ("tuned", "training_gap", 0.12, None, Interval(0.12, -0.3, 0.54, "welch", 4)),
        )
    )  # fmt: skip
    changed = msgspec.structs.replace(variant, images=images, models=models, sets=sets)
    return msgspec.structs.replace(study, variants=(changed, *study.variants[1:]))


@pytest.fixture
def make_page(qtbot, pictures, background, folder):
    def make(study):
        page = ResultPage(whole(result_parts(pictures, background)), pictures, Exporter(background, QWidget()))
        for _part in page.put_together():
            pass
        qtbot.addWidget(page)
        page.resize(1100, 900)
        page.show_study(study, folder)
        page.show()
        qtbot.waitExposed(page)
        return page

    return make


def rows(view):
    model = view.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())] for row in range(model.rowCount())
    ]


def test_the_times_say_how_much_faster_by_stage_and_on_what(make_page, study, timings):
    page = make_page(msgspec.structs.replace(study, timings=timings))
    said = page.findChild(QLabel, "evaluation_speed").text().splitlines()
    assert said[0].startswith("One by one: a picture takes 0.107 s with fine-tuned and 1.13 s with base, 10.6 times")
    assert said[1].startswith("In batches of 4: a picture takes 0.0850 s")
    machine = page.findChild(QLabel, "evaluation_machine").text()
    for words in ("A processor (cpu, fp32, 1 of 2 threads)", "64 × 64 px", "0.9 of 2 cores busy", "Loading the model"):
        assert words in machine
    view = page.findChild(QTableView, "evaluation_times")
    assert rows(view)[0][:3] == ["base", "One by one", "25"]
    assert rows(view)[0][4:] == ["0.0100", "1.10", "0.0200", "1.13 [1.08–1.18]", "22.7", "1.25", "0.200"]
    bar = view.model().index(0, 3).data(SPARK_ROLE)
    assert isinstance(bar, Parts)
    assert sum(bar.shares) == pytest.approx(1)
    view.sortByColumn(7, Qt.SortOrder.AscendingOrder)
    assert [row[0] for row in rows(view)] == ["fine-tuned", "fine-tuned", "base", "base"]


def test_where_the_page_is_narrow_the_numbers_of_the_times_go_before_their_bars(qtbot, make_page, study, timings):
    page = make_page(msgspec.structs.replace(study, timings=timings))
    view, legend = page.findChild(QTableView, "evaluation_times"), page.findChild(QLabel, "evaluation_legend_text")
    for width, is_hidden in ((600, True), (1700, False)):
        page.resize(width, 900)
        qtbot.waitUntil(lambda is_hidden=is_hidden: view.isColumnHidden(BAR) == is_hidden)
        assert legend.isHidden() == is_hidden


def test_a_study_that_timed_nothing_shows_and_exports_no_times(make_page, study, timings):
    page = make_page(study)
    assert not page.findChild(QWidget, "evaluation_times_card").isVisible()
    actions = {action.objectName(): action for action in page.findChild(QMenu, "evaluation_export_menu").actions()}
    assert not actions["evaluation_export_times"].isVisible()
    page.show_study(msgspec.structs.replace(study, timings=timings), page._folder)
    assert actions["evaluation_export_times"].isVisible()


def test_every_number_stands_in_the_table_with_its_interval_and_its_spread(make_page, measured):
    page = make_page(measured)
    view = page.findChild(QTableView, "evaluation_metrics")
    found = {(row[0], row[1]): row for row in rows(view)}
    assert found["CLIP cosine ↑", "fine-tuned"][3:6] == ["0.283", "[0.263, 0.303]", "+0.083 [+0.063, +0.103]"]
    assert found["Like the style's words ↑", "base"][4] == "[0.200, 0.400]"
    assert found["KID ↓", "fine-tuned"][3:5] == ["0.020", "± 0.010"]
    assert found["Cosine on training prompts minus the others", "fine-tuned"][4] == "[−0.300, 0.540]"
    assert not view.isColumnHidden(DIFFERENCE)
    assert view.isColumnHidden(AGREED)  # nobody voted
    sparks = [view.model().index(row, SPARK).data(SPARK_ROLE) for row in range(view.model().rowCount())]
    histograms = [spark for spark in sparks if spark]
    assert all(isinstance(spark, Histogram) and sum(spark.counts) == 6 for spark in histograms)
    assert len(histograms) == 6  # cosine, colourfulness and style of both; sets have none


def test_votes_stand_beside_what_was_measured(make_page, measured, folder):
    page = make_page(measured)
    variant = measured.variants[0]
    for prompt in variant.prompts:
        left, right = (variant.images_of(prompt, model)[0] for model in ("base", "tuned"))
        cast(folder, variant.name, Ballot(left, right), "right")
    page.show_study(measured, folder)
    view = page.findChild(QTableView, "evaluation_metrics")
    found = {(row[0], row[1]): row for row in rows(view)}
    assert not view.isColumnHidden(AGREED)
    assert found["Blind votes won, share ↑", "fine-tuned"][3] == "1.000"
    assert found["Blind votes won, share ↑", "base"][7] == "3"
    assert found["CLIP cosine ↑", "fine-tuned"][AGREED] == "2 / 3"  # of one prompt it scores the base higher
    assert found["CLIP cosine ↑", "base"][AGREED] == ""


def test_what_was_learnt_by_heart_is_shown_beside_what_it_was_learnt_from(qtbot, make_page, measured):
    page = make_page(measured)
    said = page.findChild(QLabel, "evaluation_memory").text()
    assert "50 % (95 % interval 8.0 % to 92 %) of the pictures are nearer to the training set" in said
    assert "minus that on other prompts is +0.120 (95 % interval −0.300 to +0.540; zero is inside)" in said
    view = page.findChild(QListView, "evaluation_memory_list")
    shown = [view.model().index(row, 0).data(LIKEST_ROLE) for row in range(view.model().rowCount())]
    assert [one.cosine for one in shown] == sorted((one.cosine for one in shown), reverse=True)
    assert len({(one.image.model, one.training) for one in shown}) == len(shown) == 4
    assert [one.file is not None for one in shown].count(True) == 2
    view.grab()  # also those whose picture is not a file
    view.setCurrentIndex(view.model().index(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    dialog = page.findChild(PromptDialog)
    assert dialog is not None
    dialog.close()


def test_a_study_that_did_not_look_for_it_shows_nothing(make_page, study):
    assert not make_page(study).findChild(QWidget, "evaluation_memory_card").isVisible()
