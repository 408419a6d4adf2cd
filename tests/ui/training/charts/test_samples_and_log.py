"""Samples over time and the log of a run."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication

from sketchdesk.contracts.events import CheckpointSaved, JobEnded, JobStarted, Notice, PreviewReady, StageChanged
from sketchdesk.ui.training.charts.below_charts import LOG, BelowCharts
from sketchdesk.ui.training.charts.sample_viewer import SampleViewer
from sketchdesk.ui.training.charts.samples_strip import SamplesStrip
from sketchdesk.ui.training.runs.history import History, Part
from sketchdesk.ui.training.runs.log_view import LogView

COLOURS = {0: "red", 50: "green", 100: "blue"}


@pytest.fixture
def samples(tmp_path: Path) -> list[PreviewReady]:
    made = []
    for prompt in ("a zebra", "a castle"):
        for step, colour in COLOURS.items():
            path = tmp_path / f"{prompt}-{step}.png"
            Image.new("RGB", (64, 48), colour).save(path)
            made.append(PreviewReady(path=str(path), prompt=prompt, seed=0, step=step, total=600))
    return made


@pytest.fixture
def strip(qtbot, background, samples) -> SamplesStrip:
    made = SamplesStrip(background)
    qtbot.addWidget(made)
    made.resize(500, 280)
    made.show_samples(samples)
    made.show()
    return made


def colour_at(strip: SamplesStrip, row: int, column: int) -> QColor:
    cell = strip._cell(row, column)
    return strip.viewport().grab().toImage().pixelColor(cell.center())


def test_rows_are_prompts_and_columns_are_steps(strip, qtbot):
    for row in range(2):
        for column, name in enumerate(COLOURS.values()):
            qtbot.waitUntil(lambda r=row, c=column, n=name: colour_at(strip, r, c) == QColor(n))


def test_a_click_and_return_open_a_picture(strip, qtbot, samples):
    with qtbot.waitSignal(strip.opened) as opened:
        qtbot.mouseClick(strip.viewport(), Qt.MouseButton.LeftButton, pos=strip._cell(1, 2).center())
    assert opened.args[0] == samples[5]
    qtbot.keyClick(strip, Qt.Key.Key_Up)
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    with qtbot.waitSignal(strip.opened) as opened:
        qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert opened.args[0] == samples[0]
    assert strip.accessibleDescription() == "a zebra, base"


def test_first_and_last_only(strip, qtbot):
    strip.set_ends_only(True)
    qtbot.waitUntil(lambda: colour_at(strip, 0, 1) == QColor("blue"))
    strip.set_ends_only(False)
    qtbot.waitUntil(lambda: colour_at(strip, 0, 1) == QColor("green"))


def test_a_picture_that_is_gone_harms_nobody(strip, qtbot, samples, tmp_path):
    gone = PreviewReady(path=str(tmp_path / "gone.png"), prompt="a zebra", step=150)
    strip.show_samples([*samples, gone])
    strip.resize(700, 280)
    strip.viewport().grab()
    qtbot.waitUntil(lambda: strip._images.get(gone.path) is not None)
    assert strip._images[gone.path].isNull()


def test_many_steps_scroll_and_only_what_is_seen_is_read(qtbot, background, samples):
    strip = SamplesStrip(background)
    qtbot.addWidget(strip)
    strip.resize(500, 140)
    strip.show_samples([PreviewReady(path=f"{step}.png", prompt="p", step=step) for step in range(0, 30_000, 50)])
    strip.show()
    strip.viewport().grab()
    assert strip.horizontalScrollBar().maximum() > 10_000
    assert 0 < len(strip._images) < 12


def test_the_viewer_walks_through_the_steps_beside_the_first(qtbot, samples):
    viewer = SampleViewer(samples[:3], samples[1])
    qtbot.addWidget(viewer)
    viewer.show()
    assert viewer._shown_step.text() == "step 50"
    qtbot.keyClick(viewer, Qt.Key.Key_Right)
    assert (viewer._first_step.text(), viewer._shown_step.text()) == ("base", "step 100")
    assert not viewer.findChild(object, "training_viewer_on").isEnabled()
    for _press in range(3):
        viewer.findChild(object, "training_viewer_back").click()
    assert viewer._shown_step.text() == "base"


EVENTS = [
    JobStarted(pid=1, device="cuda:0", precision="fp16", time_s=1e9),
    StageChanged(stage="training", index=3, total=5, time_s=1e9),
    Notice(message="Left out x.png.", time_s=1e9),
    CheckpointSaved(step=100, path="p", time_s=1e9),
    JobEnded(state="failed", message="The disk is full.", next_step="Free some space.", time_s=1e9),
]


def test_the_log_tells_what_happened_and_grows(qtbot):
    log = LogView()
    qtbot.addWidget(log)
    text = log.findChild(object, "training_log_text")
    log.show_events(EVENTS[:2])
    log.show_events(EVENTS)
    lines = text.toPlainText().splitlines()
    assert len(lines) == 5
    assert lines[0].endswith("Started on cuda:0 in fp16.")
    assert lines[1].endswith("Part 4 of 5: training.")
    assert "step 100" in lines[3]
    assert lines[4].endswith("Ended: failed. The disk is full. Free some space.")
    log.show_events(EVENTS[2:3])  # another run
    assert text.toPlainText().endswith("Left out x.png.")
    assert len(text.toPlainText().splitlines()) == 1


def test_the_log_is_copied_whole(qtbot):
    log = LogView()
    qtbot.addWidget(log)
    log.show_events(EVENTS)
    log.copy_button.click()
    assert len(QGuiApplication.clipboard().text().splitlines()) == 5


def test_below_the_charts_are_two_pages(qtbot, background, samples):
    below = BelowCharts(background)
    qtbot.addWidget(below)
    below.show()
    assert below.findChild(object, "training_no_samples").isVisible()
    history = History()
    history.add(Part.of([*samples, *EVENTS]))
    below.show_history(history)
    assert below.strip.isVisible()
    below.findChild(object, "training_show_log").click()
    assert below.page == LOG
    assert "disk is full" in below.findChild(object, "training_log_text").toPlainText()


def test_an_opened_sample_is_shown_large(qtbot, background, samples):
    below = BelowCharts(background)
    qtbot.addWidget(below)
    history = History()
    history.add(Part.of(samples))
    below.show_history(history)
    below.strip.opened.emit(samples[1])
    viewer = below.findChild(SampleViewer)
    assert viewer.isVisible()
    viewer.accept()
