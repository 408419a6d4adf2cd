"""A distillation among the trainings: its phases, its charts, teacher and student side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor

from sketchdesk.contracts.events import Event, MetricLogged, PreviewReady, StageChanged, StepDone
from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.library.distillation.settings import begins_of
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.training.train_runs import Training
from sketchdesk.ui.training.charts.charts import Charts
from sketchdesk.ui.training.charts.phase_line import NAMES, PhaseLine, phase_shares
from sketchdesk.ui.training.charts.run_lines import Shown
from sketchdesk.ui.training.charts.sample_viewer import SampleViewer
from sketchdesk.ui.training.charts.samples_strip import CELL_PX, GAP_PX, SamplesStrip
from sketchdesk.ui.training.runs.header import RunHeader, status_text
from sketchdesk.ui.training.runs.history import TEACHER_STEP, History, Part

JOB = DistillJob(model="demo-base", out_dir="o", num_pairs=90, num_held_out_pairs=10, reflow_steps=20, distil_steps=30)


def training(state: RunState = RunState.RUNNING, job: DistillJob = JOB, **fields: object) -> Training:
    run = Run(id="1", folder=Path("f"), title="x", created="", lane="auto", job=job)
    return Training(run=run, state=state, job=job, **fields)


def after(*events: Event) -> History:
    history = History()
    history.add(Part.of(events))
    return history


def stage(name: str, step: int, total: int) -> list[Event]:
    return [StageChanged(stage=name), StepDone(step=step, total=total)]


@pytest.mark.parametrize(
    ("history", "state", "shares"),
    [
        (History(), RunState.QUEUED, [0, 0, 0]),
        (after(*stage("pairs", 25, 100)), RunState.RUNNING, [0.25, 0, 0]),
        (after(StageChanged(stage="loading")), RunState.RUNNING, [1, 0, 0]),
        (after(*stage("reflow", 5, 50)), RunState.RUNNING, [1, 0.25, 0]),
        (after(*stage("distillation", 35, 50)), RunState.RUNNING, [1, 1, 0.5]),
        (after(MetricLogged(step=50, values={"loss": 1.0})), RunState.DONE, [1, 1, 1]),
    ],
)
def test_each_part_tells_how_much_of_it_is_done(history, state, shares):
    found = phase_shares(training(state), history)
    assert [(each.name, each.size) for each in found] == [("pairs", 100), ("reflow", 20), ("distillation", 30)]
    assert [each.share for each in found] == pytest.approx(shares)


def test_a_stopped_run_stands_where_its_files_say():
    assert [each.share for each in phase_shares(training(RunState.CANCELED, step=30), History())] == [
        1, 1, pytest.approx(1 / 3),
    ]  # fmt: skip


def test_only_phases_with_steps_have_a_bar(qtbot):
    line = PhaseLine()
    qtbot.addWidget(line)
    line.show()
    line.show_training(training(), after(*stage("reflow", 5, 50)))
    labels = [line.findChild(object, f"training_phase_{name}") for name in NAMES]
    assert [each.isVisible() for each in labels] == [True, True, True, False]
    assert line.findChild(object, "training_phase_reflow_bar").value() == 250


def test_the_header_says_which_part_it_is_and_how_near_the_student_is():
    told = after(
        MetricLogged(step=4, values={"gain": 0.625, "pair_psnr": 17.5}), StageChanged(stage="reflow"),
        StepDone(step=5, total=50, rate_per_s=2.0),
    )  # fmt: skip
    text = status_text(training(), told)
    assert text.startswith("reflow · step 5 of 50 · 2.0 a second")
    assert "one-step gain 0.63" in text and "17.5 dB" in text
    assert status_text(training(), after(*stage("pairs", 3, 100))).startswith("drawing pairs · step 3 of 100")


def test_a_finished_one_is_compared_and_drawn_with_and_not_made_few_step_again(qtbot):
    header = RunHeader()
    qtbot.addWidget(header)
    header.show()
    header.show_training(training(RunState.DONE, model=Path("o/model")), History())
    shown = {name for name in ("few_step", "compare", "use") if getattr(header, name).isVisible()}
    assert shown == {"compare", "use"}


def said(chart, part: str) -> str:
    return chart.findChild(object, f"{chart.objectName()}_{part}").text()


def test_the_charts_are_those_of_the_run_in_the_foreground(qtbot):
    charts = Charts()
    qtbot.addWidget(charts)
    measured = after(MetricLogged(step=4, values={"gain": 0.625, "pair_psnr": 17.5, "grad_norm": 0.5}))
    charts.show_runs([Shown("flow", measured, 50, distils=True), Shown("ink", History(), 600)])
    charts.settle()
    titles = [said(chart, "title") for chart in (charts.rate, charts.norm, charts.speed)]
    assert titles == ["Bend of the paths", "One-step gain", "Likeness (dB)"]
    assert "0.625" in said(charts.norm, "note")
    charts.set_optimiser(True)
    charts.settle()
    assert said(charts.norm, "title") == "Gradient norm" and "0.5" in said(charts.norm, "note")
    charts.set_optimiser(False)
    charts.show_runs([Shown("ink", History(), 600)])
    assert said(charts.norm, "title") == "Gradient norm"


def test_the_charts_mark_where_phases_begin_and_the_main_one_names_them(qtbot):
    charts = Charts()
    qtbot.addWidget(charts)
    begins = begins_of(JOB)
    for shown, names, steps in (
        (Shown("flow", History(), 50, distils=True, begins=begins), ["Reflow", "Distillation"], [0, 20]),
        (Shown("reflow alone", History(), 20, distils=True, begins=begins[:1]), [], []),
        (Shown("flow", History(), 50, distils=True, begins=begins), ["Reflow", "Distillation"], [0, 20]),
        (Shown("ink", History(), 600, begins=begins_of(TrainJob(model="", dataset="", out_dir=""))), [], []),
    ):  # fmt: skip
        charts.show_runs([shown])
        charts.settle()
        assert charts.loss.phases.names == names
        assert [chart.phases.steps for chart in charts.all] == [steps] * len(charts.all)


def test_the_names_of_phases_stand_inside_the_chart_and_above_its_lines(qtbot):
    charts = Charts()
    qtbot.addWidget(charts)
    charts.resize(900, 420)
    charts.show()
    losses = after(*(MetricLogged(step=step, values={"loss": 1.0 + step % 2}) for step in range(1, 100)))
    charts.show_runs([Shown("flow", losses, 100, distils=True, begins=(("reflow", 0), ("distillation", 98)))])
    charts.settle()
    box, labels = charts.loss.plot.plotItem.vb, [line.label for line in charts.loss.phases._lines]
    seen = box.sceneBoundingRect()
    places = [label.mapRectToScene(label.boundingRect()) for label in labels]
    assert all(seen.left() <= place.left() and place.right() <= seen.right() for place in places)
    highest = box.mapViewToScene(QPointF(50, 2.0)).y()
    assert all(place.bottom() - 4 <= highest for place in places)  # its own margin


@pytest.fixture
def pictures(tmp_path: Path) -> list[PreviewReady]:
    """As an engine tells them: the teacher's of no step, the student's at 0, 10 … 90."""
    found = []
    for number, (step, total) in enumerate([(0, 0), *((step, 90) for step in range(0, 100, 10))]):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", (16, 16), "red" if not total else "blue").save(path)
        found.append(PreviewReady(path=str(path), prompt="a zebra", seed=0, step=step, total=total))
    return found


def test_the_teacher_s_picture_is_not_taken_for_the_student_s_first(pictures):
    samples = after(*pictures).samples
    assert samples["a zebra", TEACHER_STEP].path == pictures[0].path
    assert samples["a zebra", 0].path == pictures[1].path


def test_the_teacher_stays_at_the_left_beside_what_is_looked_at(qtbot, background, pictures):
    strip = SamplesStrip(background)
    qtbot.addWidget(strip)
    strip.resize(4 * (CELL_PX + GAP_PX), 150)
    strip.show()
    strip.show_samples(sorted(after(*pictures).samples.values(), key=lambda sample: sample.step))
    bar = strip.horizontalScrollBar()
    assert bar.value() == bar.maximum() > 0
    middle = strip._cell(0, 0).center()
    assert middle.x() < CELL_PX

    def seen(point) -> QColor:
        return QColor(strip.viewport().grab().toImage().pixel(point))

    qtbot.waitUntil(lambda: seen(middle) == QColor("red"))
    qtbot.waitUntil(lambda: seen(strip._cell(0, len(pictures) - 1).center()) == QColor("blue"))
    strip.show_step(0)
    assert strip.accessibleDescription() == "a zebra, at first"
    assert strip._cell(0, 1).left() == CELL_PX + GAP_PX  # not hidden by the teacher's


def test_the_viewer_shows_the_teacher_at_the_left(qtbot, pictures):
    samples = sorted(after(*pictures).samples.values(), key=lambda sample: sample.step)
    viewer = SampleViewer(samples, samples[1])
    qtbot.addWidget(viewer)
    assert (viewer._first_step.text(), viewer._shown_step.text()) == ("teacher", "at first")
