"""The charts show what the histories hold, read out one step in all of them, and zoom together."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from sketchdesk.contracts.events import MetricLogged
from sketchdesk.ui.theme.manager import theme, tokens
from sketchdesk.ui.training.charts.charts import Charts
from sketchdesk.ui.training.charts.run_lines import Shown
from sketchdesk.ui.training.runs.history import History, Part


def history(count: int = 100, offset: float = 0.0) -> History:
    events = [MetricLogged(step=0, values={"val_loss": 0.75})]
    for step in range(1, count + 1):
        values = {"loss": 0.25 + offset, "lr": 1e-5, "grad_norm": 0.5, "images_per_s": 7.25, "memory_gib": 5.5}
        events.append(MetricLogged(step=step, values=values))
    made = History()
    made.add(Part.of(events))
    return made


@pytest.fixture
def charts(qtbot) -> Charts:
    made = Charts()
    qtbot.addWidget(made)
    made.resize(900, 420)
    made.show()
    return made


def note(chart) -> str:
    return chart.findChild(object, f"{chart.objectName()}_note").text()


def seen(chart) -> list[float]:
    return list(chart.plot.plotItem.vb.viewRange()[0])


def test_every_chart_shows_its_numbers_and_the_limits(charts):
    charts.set_forecast(6.0)
    charts.show_runs([Shown("ink", history(), 600, max_grad_norm=1.0)])
    charts.settle()
    for name in ("each batch", "smoothed", "validation"):
        assert name in note(charts.loss)
    assert "5.50 GiB" in note(charts.memory)
    assert "forecast 6.0" in note(charts.memory)
    assert "clip 1" in note(charts.norm)
    assert "7.25" in note(charts.speed)
    assert "1e−05" in note(charts.rate)


def test_without_a_run_there_is_nothing_and_no_error(charts):
    charts.show_runs([])
    charts.settle()
    charts.loss.pointed.emit(3.0)
    assert "●" not in note(charts.loss)


def test_the_crosshair_reads_out_the_same_step_everywhere(charts):
    charts.show_runs([Shown("ink", history(), 600)])
    charts.settle()
    charts.speed._on_pointed(42.4)
    assert "<b>42</b>" in note(charts.loss)
    assert all(chart._cross.isVisible() for chart in charts.all)
    charts.speed._on_pointed(None)
    assert not any(chart._cross.isVisible() for chart in charts.all)


def test_arrow_keys_move_the_crosshair(charts, qtbot):
    charts.show_runs([Shown("ink", history(10), 10)])
    charts.settle()
    qtbot.keyClick(charts.loss.plot, Qt.Key.Key_Left)
    qtbot.keyClick(charts.loss.plot, Qt.Key.Key_Left)
    assert "<b>8</b>" in note(charts.loss)
    for _press in range(5):
        qtbot.keyClick(charts.loss.plot, Qt.Key.Key_Right)
    assert "<b>10</b>" in note(charts.loss)


def test_runs_laid_over_are_named_and_go_again(charts):
    charts.show_runs([Shown("ink", history(), 600), Shown("<b>chalk</b>", history(50, 0.1), 900)])
    charts.settle()
    assert "ink" in note(charts.loss)
    assert "&lt;b&gt;chalk" in note(charts.loss)
    assert "each batch" not in note(charts.loss)
    assert seen(charts.loss)[1] >= 900
    charts.show_runs([Shown("ink", history(), 600)])
    charts.settle()
    assert "chalk" not in note(charts.loss)
    assert seen(charts.loss)[1] < 900


def test_zooming_in_one_zooms_all_until_everything_is_wanted_again(charts, qtbot):
    charts.show_runs([Shown("ink", history(), 600)])
    charts.settle()
    with qtbot.waitSignal(charts.zoomed):
        charts.norm.moved.emit(10.0, 20.0)
    assert all(seen(chart) == [10.0, 20.0] for chart in charts.all)
    charts.refresh()  # more numbers come in and the zoom stays
    charts.settle()
    assert seen(charts.loss) == [10.0, 20.0]
    with qtbot.waitSignal(charts.zoomed):
        charts.fit()
    charts.settle()
    assert seen(charts.loss)[1] >= 600


def test_the_heights_follow_what_is_seen(charts):
    made = history()
    made.numbers["loss"].extend([101], [50.0])
    charts.show_runs([Shown("ink", made, 600)])
    charts.settle()
    assert charts.loss.plot.plotItem.vb.viewRange()[1][1] > 50
    charts.loss.moved.emit(10.0, 20.0)
    assert charts.loss.plot.plotItem.vb.viewRange()[1][1] < 1
    charts.set_log(True)
    assert charts.loss.plot.plotItem.vb.viewRange()[1][1] < 0  # the logarithm of less than one


def test_smoothing_changes_the_smoothed_line_alone(charts):
    made = history(10)
    made.numbers["loss"].extend([11], [4.25])
    charts.show_runs([Shown("ink", made, 600)])
    charts.settle()
    charts.set_smoothing(0.0)
    charts.settle()
    assert "smoothed <b>4.250</b>" in note(charts.loss)
    charts.set_smoothing(0.99)
    charts.settle()
    assert "smoothed <b>4.250</b>" not in note(charts.loss)
    assert "each batch <b>4.250</b>" in note(charts.loss)


def test_a_hundred_thousand_steps_are_painted_by_what_can_be_told_apart(charts):
    charts.show_runs([Shown("ink", history(100_000), 100_000)])
    charts.settle()
    for chart in charts.all:
        for *_line, curve in chart._lines.values():
            assert len(curve.getData()[0]) < 3000


def test_the_theme_is_taken_live(charts):
    theme().apply("light")
    charts.show_runs([Shown("ink", history(), 600)])
    charts.settle()
    theme().apply("dark")
    charts.settle()
    assert tokens().series[0] in note(charts.loss)
    assert charts.loss.plot.backgroundBrush().color().name() == tokens().surface
    theme().apply("light")


def test_the_picture_for_export_is_twice_as_fine_as_the_screen(charts):
    charts.show_runs([Shown("ink", history(), 600)])
    charts.settle()
    picture = charts.image()
    assert (picture.width(), picture.height()) == (1800, 840)
    colours = {picture.pixelColor(x, y).name() for x in range(0, 1800, 3) for y in range(0, 420, 3)}
    assert len(colours) > 10


def test_the_heights_follow_a_run_that_goes_on(charts):
    made = history(10)
    charts.show_runs([Shown("ink", made, 600)])
    charts.settle()
    made.numbers["loss"].extend([11], [50.0])
    charts.refresh()
    charts.settle()
    assert charts.loss.plot.plotItem.vb.viewRange()[1][1] > 50


def test_charts_that_are_not_seen_take_other_colours_when_they_are_drawn_anew(charts):
    charts.settle()
    charts.hide()
    for choice in ("dark", "light"):
        theme().apply(choice)
        charts.settle()
        assert {chart.plot.backgroundBrush().color().name() for chart in charts.all} == {tokens().surface}


def busy(count: int = 20) -> History:
    made = history(count)
    values = {"cpu": 40.0, "cpu_all": 55.0, "memory_now_gib": 4.0, "ema_decay": 0.75, "reward_cosine": 0.31}
    made.add(Part.of(MetricLogged(step=step, values=values) for step in range(1, count + 1)))
    return made


def pick(chart, name: str) -> None:
    """Choose from the menu as it opens."""
    menu = chart.findChild(object, f"{chart.objectName()}_picker_menu")
    menu.aboutToShow.emit()
    menu.findChild(object, f"{chart.objectName()}_picker_{name}").trigger()


def offered(chart) -> list[str]:
    menu = chart.findChild(object, f"{chart.objectName()}_picker_menu")
    menu.aboutToShow.emit()
    return [action.text() for action in menu.actions()]


def test_what_a_lower_chart_shows_is_chosen_among_what_the_run_has_numbers_of(charts):
    charts.show_runs([Shown("ink", history(), 600, max_grad_norm=1.0)])
    assert offered(charts.speed) == ["Learning rate", "Gradient norm", "Images/s"]
    charts.show_runs([Shown("ink", busy(), 600, max_grad_norm=1.0)])
    assert offered(charts.speed)[3:] == ["In use (%)", "EMA decay", "Fit to the caption"]
    pick(charts.speed, "use")
    pick(charts.norm, "reward_cosine")
    charts.settle()
    assert "CPU <b>40</b>" in note(charts.speed)
    assert "all <b>55</b>" in note(charts.speed)
    assert "0.310" in note(charts.norm)
    assert "clip" not in note(charts.norm), "the limit belongs to the gradient"
    pick(charts.norm, "grad_norm")
    charts.settle()
    assert "clip 1" in note(charts.norm)
    assert charts.picked == ["", "grad_norm", "use"]


def test_a_choice_that_another_run_has_no_numbers_of_waits_for_one_that_has(charts):
    charts.set_picked(["", "", "ema_decay"])
    charts.show_runs([Shown("ink", history(), 600)])
    charts.settle()
    assert "7.25" in note(charts.speed)
    charts.show_runs([Shown("ink", history(), 600), Shown("chalk", busy(), 600)])
    charts.settle()
    assert "0.750" in note(charts.speed)
    charts.set_picked(["no such thing"])
    assert charts.picked == ["", "", ""]


def test_of_runs_laid_over_each_other_one_line_each_is_shown(charts):
    charts.show_runs([Shown("ink", busy(), 600), Shown("chalk", busy(), 600)])
    pick(charts.rate, "use")
    charts.settle()
    assert note(charts.rate).count("●") == 2


def test_the_memory_held_now_lies_fainter_below_the_most_of_it(charts):
    charts.show_runs([Shown("ink", busy(), 600)])
    charts.settle()
    assert "5.50 GiB" in note(charts.memory)
    assert "4.00 GiB" not in note(charts.memory)
    assert sorted(charts.memory._lines) == ["most 0", "now 0"]
