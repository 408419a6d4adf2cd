"""The training tab as a person uses it: over the real runner, with an engine that only counts."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage

from sketchdesk.contracts import text
from sketchdesk.contracts.events import MetricLogged
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.paths import resource, training_dir
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.settings import Settings
from sketchdesk.library.training.recipes import DEMO_SKETCH, with_recipe
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.training.training_tab import TrainingTab
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner


@pytest.fixture
def runner(fake_engine) -> Iterator[JobRunner]:
    made = JobRunner(command=fake_engine("steps"), graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5))
    yield made
    made.shutdown()


@pytest.fixture
def make_tab(qtbot, runner, tmp_path) -> Iterator[Callable[[], TrainingTab]]:
    made: list[TrainingTab] = []

    def make() -> TrainingTab:
        tab = TrainingTab(runner, SettingsStore(Settings()))
        made.append(tab)
        qtbot.addWidget(tab)
        tab.set_models([ModelEntry(name="demo-base", path=tmp_path, origin="shipped", prediction_type="epsilon")])
        tab.resize(1280, 700)
        tab.show()
        qtbot.waitUntil(lambda: tab._page is not None, timeout=30_000)
        return tab

    yield make
    for tab in made:
        tab.shutdown()


def part(tab: TrainingTab, name: str):
    return tab.findChild(object, f"training_{name}")


def shown(tab: TrainingTab, title: str) -> bool:
    selected = tab.page.selected
    return selected is not None and selected.run.title == title


def select(qtbot, tab: TrainingTab, run) -> None:
    qtbot.waitUntil(lambda: tab.page.model.training(run.id) is not None)
    tab.page.runs.select(run.id)
    qtbot.waitUntil(lambda: tab.page.follower.history(run.id).started is not None)


def test_the_window_starts_without_the_charts_libraries():
    code = "import sketchdesk.ui.training.training_tab, sys; print({'numpy', 'pyqtgraph'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_an_empty_tab_starts_the_demo_with_one_button(qtbot, make_tab):
    tab = make_tab()
    qtbot.waitUntil(lambda: part(tab, "empty").isVisible())
    with qtbot.waitSignal(tab.train_requested) as asked:
        part(tab, "empty_button").click()
    job, title = asked.args
    assert title == "Demo sketch"
    assert job.out_dir == str(training_dir() / "Demo-sketch")
    assert job == with_recipe(job, DEMO_SKETCH)


def test_a_training_is_started_paused_stopped_and_offered_again(qtbot, make_tab, runner):
    tab = make_tab()
    tab.train_requested.connect(runner.submit)
    tab.resume_requested.connect(runner.take_up)
    part(tab, "name").setText("Ink")
    part(tab, "start_button").click()
    qtbot.waitUntil(lambda: shown(tab, "Ink") and part(tab, "pause_button").isVisible(), timeout=15_000)
    part(tab, "pause_button").click()
    qtbot.waitUntil(lambda: part(tab, "pause_button").text() == "Resume", timeout=15_000)
    part(tab, "pause_button").click()
    qtbot.waitUntil(lambda: part(tab, "pause_button").text() == "Pause", timeout=15_000)
    part(tab, "stop_button").click()
    qtbot.waitUntil(lambda: part(tab, "resume_button").isVisible(), timeout=15_000)
    assert part(tab, "resume_button").text() == "Start again"  # it stopped before its first checkpoint
    part(tab, "resume_button").click()
    qtbot.waitUntil(lambda: part(tab, "stop_button").isVisible(), timeout=15_000)


def test_two_runs_of_one_name_never_share_a_folder(qtbot, make_tab, runner):
    tab = make_tab()
    folders = []
    tab.train_requested.connect(lambda job, title: folders.append(job.out_dir))
    tab.train_requested.connect(runner.submit)
    part(tab, "name").setText("Ink")
    tab.page.start()
    tab.page.start()
    assert [Path(folder).name for folder in folders] == ["Ink", "Ink-2"]


def test_what_is_wrong_is_said_and_nothing_starts(qtbot, make_tab):
    tab = make_tab()
    part(tab, "learning_rate").setText("fast")
    assert not part(tab, "start_button").isEnabled()
    with qtbot.assertNotEmitted(tab.train_requested):
        tab.page.recipe.start()
    assert part(tab, "start_problem").text() == "This is not a number."


def test_an_interrupted_run_says_where_it_goes_on(qtbot, make_tab, make_training):
    run = make_training("Ink", done=30, state=RunState.INTERRUPTED, max_train_steps=600)
    tab = make_tab()
    select(qtbot, tab, run)
    qtbot.waitUntil(lambda: part(tab, "resume_button").text() == "Resume at step 30 of 600")
    assert part(tab, "state").text().endswith("interrupted")
    with qtbot.waitSignal(tab.resume_requested) as asked:
        part(tab, "resume_button").click()
    assert asked.args[0].id == run.id


def test_a_finished_run_is_replayed_and_its_model_used(qtbot, make_tab, make_training):
    run = make_training("Ink", done=20)
    tab = make_tab()
    select(qtbot, tab, run)
    charts = tab.page.dashboard.charts
    qtbot.waitUntil(lambda: "validation" in charts.loss._note.text())
    qtbot.waitUntil(lambda: len(tab.page.dashboard.below.strip._samples) == 2)
    qtbot.waitUntil(lambda: part(tab, "status").full_text.startswith("step 20 of 500 · loss 0."))
    with qtbot.waitSignal(tab.model_chosen) as chosen:
        part(tab, "use_button").click()
    assert chosen.args[0] == str(Path(run.job.out_dir) / "model")


def test_a_run_at_work_elsewhere_is_followed_live(qtbot, make_tab, make_training, log, steps):
    run = make_training("Ink", done=5, state=RunState.RUNNING, max_train_steps=600)
    tab = make_tab()
    select(qtbot, tab, run)
    log(run, *steps(6, 8))
    qtbot.waitUntil(lambda: part(tab, "status").full_text.startswith("step 8 of 600 · 1.8 a second"))
    with qtbot.waitSignal(tab.message) as told:
        part(tab, "stop_button").click()
    assert "does not belong to this window" in told.args[0].text


def test_ticked_runs_are_laid_over_the_selected_one(qtbot, make_tab, make_training):
    first, second = make_training("Ink"), make_training("Chalk")
    tab = make_tab()
    select(qtbot, tab, first)
    row = tab.page.model.row_of(second.id)
    tab.page.model.setData(tab.page.model.index(row), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
    loss = tab.page.dashboard.charts.loss
    qtbot.waitUntil(lambda: "Ink" in loss._note.text() and "Chalk" in loss._note.text())


def test_a_fork_fills_the_recipe_from_the_run(qtbot, make_tab, make_training):
    run = make_training("Ink", learning_rate=7e-5, seed=9)
    tab = make_tab()
    select(qtbot, tab, run)
    part(tab, "fork_button").click()
    menu = part(tab, "fork_menu")
    menu.actions()[0].trigger()
    menu.close()
    job = tab.page.recipe.form.value()
    assert (job.learning_rate, job.seed, job.out_dir) == (7e-5, 9, "")
    assert part(tab, "name").text() == "Ink, changed"


def test_a_fork_goes_on_from_the_checkpoint_that_is_chosen(qtbot, make_tab, make_training):
    run = make_training("ink", done=20, max_train_steps=20)
    whole = Path(run.job.out_dir) / "checkpoints" / "checkpoint-20"
    (whole / "checkpoint.json").write_text("{}")
    tab = make_tab()
    select(qtbot, tab, run)
    part(tab, "fork_button").click()
    menu = part(tab, "fork_menu")
    assert [action.text() for action in menu.actions() if action.text()] == ["The settings alone", "Go on from step 20"]
    menu.actions()[-1].trigger()
    menu.close()
    job = tab.page.recipe.form.value()
    assert (job.fork_from, job.max_train_steps, job.out_dir) == (str(whole), 40, "")
    assert tab.page.recipe.form.problems == []


def test_a_finished_lora_is_drawn_with_on_the_model_it_was_trained_on(qtbot, make_tab, make_training):
    run = make_training("ink", model="demo-base", lora_rank=8)
    tab = make_tab()
    select(qtbot, tab, run)
    button = part(tab, "use_button")
    assert button.text() == "Draw with this LoRA"
    with qtbot.waitSignal(tab.lora_chosen) as chosen:
        button.click()
    assert chosen.args == ["demo-base", str(Path(run.job.out_dir) / "lora" / "ink.safetensors")]


def test_notes_of_a_run_are_kept_in_its_folder_and_each_run_has_its_own(qtbot, make_tab, make_training):
    first, second = make_training("ink"), make_training("pen")
    tab = make_tab()
    select(qtbot, tab, first)
    part(tab, "show_notes").click()
    notes = part(tab, "notes")
    qtbot.waitUntil(lambda: not notes.isReadOnly())
    notes.setPlainText("too bold")
    select(qtbot, tab, second)
    assert (first.folder / "notes.txt").read_text() == "too bold"
    qtbot.waitUntil(lambda: not notes.isReadOnly())
    assert notes.toPlainText() == ""
    notes.setPlainText("finer")
    qtbot.waitUntil(lambda: (second.folder / "notes.txt").is_file())
    select(qtbot, tab, first)
    qtbot.waitUntil(lambda: notes.toPlainText() == "too bold")
    notes.setPlainText("much too bold")
    tab.shutdown()  # the window is closed before anything else happens
    assert (first.folder / "notes.txt").read_text() == "much too bold"


def test_a_click_in_a_chart_goes_to_the_samples_of_that_time(qtbot, make_tab, make_training):
    run = make_training("ink", done=20)
    tab = make_tab()
    select(qtbot, tab, run)
    qtbot.waitUntil(lambda: part(tab, "samples").isVisible())
    part(tab, "show_log").click()
    tab.page.dashboard.charts.settle()
    plot = tab.page.dashboard.charts.rate.plot
    box = plot.plotItem.vb
    for step, said in ((19.0, "a zebra, 20"), (1.0, "a zebra, base")):
        place = plot.mapFromScene(box.mapViewToScene(QPointF(step, box.viewRange()[1][1] / 2)))
        qtbot.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
        qtbot.waitUntil(lambda said=said: part(tab, "samples").accessibleDescription() == said)
    assert part(tab, "samples").isVisible()


def test_the_header_tells_how_far_the_average_reaches_and_what_was_skipped(qtbot, make_tab, make_training, log):
    run = make_training("ink", done=30)
    log(run, MetricLogged(step=30, values={"skipped_steps": 2.0}))
    tab = make_tab()
    select(qtbot, tab, run)
    qtbot.waitUntil(lambda: part(tab, "status").full_text.endswith("EMA 0.77 · 2 steps skipped"))


def test_numbers_and_charts_are_saved_whole(qtbot, make_tab, make_training, tmp_path):
    run = make_training("Ink", done=20)
    tab = make_tab()
    select(qtbot, tab, run)
    dashboard = tab.page.dashboard
    qtbot.waitUntil(lambda: dashboard._follower.history(run.id).step == 20)
    with qtbot.waitSignal(tab.message):
        dashboard.write_table(str(tmp_path / "numbers.csv"))
    rows = list(csv.DictReader((tmp_path / "numbers.csv").read_text().splitlines()))
    assert [row["step"] for row in rows] == [str(step) for step in range(21)]
    assert rows[0]["val_loss"] == "0.5"
    with qtbot.waitSignal(tab.message):
        dashboard.write_picture(str(tmp_path / "charts.png"))
    assert not QImage(str(tmp_path / "charts.png")).isNull()
    (tmp_path / "file").write_text("")
    with qtbot.waitSignal(tab.message) as told:
        dashboard.write_table(str(tmp_path / "file" / "numbers.csv"))
    assert told.args[0].level == "error"


def test_what_was_typed_and_arranged_is_there_again(qtbot, make_tab, make_training):
    run = make_training("Ink")
    make_training("Chalk")
    tab = make_tab()
    select(qtbot, tab, run)
    part(tab, "name").setText("Half typed")
    part(tab, "max_train_steps").setText("77")
    part(tab, "smoothing").setValue(33)
    part(tab, "show_log").click()
    state = msgspec.json.decode(msgspec.json.encode(tab.save_state()))
    other = make_tab()
    other.restore_state(state)
    qtbot.waitUntil(lambda: shown(other, "Ink"))
    assert part(other, "name").text() == "Half typed"
    assert other.page.recipe.form.value().max_train_steps == 77
    assert (part(other, "smoothing").value(), other.page.dashboard.below.page) == (33, 1)


@pytest.mark.parametrize("state", [{"recipe": 3, "columns": "x", "smoothing": "?"}, {"recipe": {"job": {"seed": -1}}}])
def test_a_damaged_memory_of_the_window_harms_nobody(make_tab, state):
    tab = make_tab()
    tab.restore_state(state)
    assert tab.page.recipe.form.value().max_train_steps == 400


def test_every_action_is_named_and_those_without_a_run_wait_for_one(qtbot, make_tab, make_training):
    tab = make_tab()
    specs = {spec.name: spec for spec in tab.action_specs()}
    assert not specs["train_stop"].is_enabled()
    specs["train_stop"].run()  # harmless, also from the palette
    assert not specs["train_fork"].is_enabled()
    run = make_training("Ink", state=RunState.CANCELED)
    tab.page.watch.set_awake(True)
    select(qtbot, tab, run)
    assert specs["train_resume"].is_enabled()
    assert specs["train_fork"].is_enabled()


def test_it_speaks_another_language_at_once_and_everything_has_a_name(qtbot, make_tab, make_training):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

    make_training("Ink")
    tab = make_tab()
    tab.retranslate()
    for kind in (QAbstractButton, QComboBox, QLineEdit):
        for control in tab.findChildren(kind):
            if not control.objectName().startswith("qt_"):
                assert control.objectName(), control
                assert control.accessibleName(), control.objectName()


def test_a_language_chosen_while_it_is_built_is_spoken_everywhere(qtbot, runner):
    from PySide6.QtWidgets import QPushButton

    text.use_language(resource("translations"), "en")
    tab = TrainingTab(runner, SettingsStore(Settings()))
    qtbot.addWidget(tab)
    turns = iter(tab._build())
    while (start := tab.findChild(QPushButton, "training_start_button")) is None or not start.text():
        next(turns)
    text.use_language(resource("translations"), "es")
    tab.retranslate()
    for _turn in turns:
        pass
    assert start.text() == "Empezar a entrenar"
    tab.shutdown()


def test_a_list_that_was_hidden_when_the_window_closed_is_seen_again(qtbot, make_tab, make_training):
    make_training("Ink")
    tab = make_tab()
    tab.restore_state({"columns": [0, 900, 300]})
    tab.page.watch.set_awake(True)
    qtbot.waitUntil(lambda: all(tab.page.splitter.sizes()))
