"""The wizard: what it will need is told while it is edited, and only what can be done is begun."""

from __future__ import annotations

import pytest

from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.ui.distilling.few_step_dialog import FewStepDialog

JOB = DistillJob(model="demo-base", out_dir="", prompts=("a zebra",), num_pairs=40, num_held_out_pairs=2)


@pytest.fixture
def dialog(qtbot, models) -> FewStepDialog:
    open_ones = [made := FewStepDialog(JOB, models)]
    made.finished.connect(open_ones.clear)
    made.show()
    yield made
    for each in tuple(open_ones):
        each.close()


def part(dialog: FewStepDialog, name: str):
    return dialog.findChild(object, f"few_step_{name}")


def test_the_forecast_follows_what_is_typed(qtbot, dialog):
    told = part(dialog, "forecast_pairs")
    qtbot.waitUntil(lambda: told.text() == "42 pairs", timeout=30_000)
    assert part(dialog, "forecast_memory").text().endswith(" GiB")
    part(dialog, "num_pairs").setText("98")
    qtbot.waitUntil(lambda: told.text() == "100 pairs", timeout=30_000)


def test_the_demo_s_captions_are_counted_before_they_are_drawn(qtbot, dialog):
    part(dialog, "prompts").clear()
    part(dialog, "dataset").setEditText("demo-sketch")
    part(dialog, "num_pairs").setText("198")
    qtbot.waitUntil(lambda: part(dialog, "forecast_pairs").text() == "200 pairs", timeout=30_000)


def test_what_cannot_be_forecast_says_why(qtbot, dialog):
    part(dialog, "prompts").clear()
    note = part(dialog, "forecast_basis")
    qtbot.waitUntil(lambda: "nothing to draw pairs of" in note.text(), timeout=30_000)
    assert part(dialog, "forecast_pairs").text() == "not known yet"


def test_it_starts_under_its_title_and_closes(qtbot, dialog):
    part(dialog, "name").setText("Quick")
    with qtbot.waitSignal(dialog.started) as asked:
        part(dialog, "start").click()
    assert asked.args == [JOB, "Quick"]
    assert not dialog.isVisible()


def test_what_is_wrong_is_said_and_nothing_starts(qtbot, dialog):
    part(dialog, "num_pairs").setText("0")
    assert not part(dialog, "start").isEnabled()
    assert part(dialog, "problem").text() == "It must be 1 to 10000000."
