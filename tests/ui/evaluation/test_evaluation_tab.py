"""The tab as a whole: studies asked for, followed, stopped, taken up again, looked at."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from sketchdesk.contracts.jobs import EvaluateJob, StudyJob, StudyModel, TrainJob
from sketchdesk.library.models import installed as model_list
from sketchdesk.library.paths import models_dir
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.settings import Settings
from sketchdesk.library.training.held_out import write_held_out
from sketchdesk.ui.evaluation.evaluation_tab import build_tab
from sketchdesk.ui.evaluation.making.form_dialog import FormDialog
from sketchdesk.ui.evaluation.making.study_form import StudyForm
from sketchdesk.ui.evaluation.studies.study_list import NOTE_ROLE
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.turns import whole


@pytest.fixture
def make_tab(qtbot, make_runner, models):
    made = []

    def make(work="stubborn", models=models, submits=True):
        runner = make_runner(work)
        tab = whole(build_tab(runner, SettingsStore(Settings())))
        qtbot.addWidget(tab)
        tab.set_models(models)
        if submits:
            tab.study_requested.connect(runner.submit)
        tab.resize(1280, 800)
        tab.show()
        made.append(tab)
        return tab, runner

    yield make
    for tab in made:
        tab.shutdown()


def child(widget, kind, name):
    found = widget.findChild(kind, name)
    assert found is not None, name
    return found


def page(tab):
    return child(tab, QStackedWidget, "evaluation_pages").currentWidget().objectName()


def press(qtbot, tab, name):
    qtbot.mouseClick(child(tab, QAbstractButton, name), Qt.MouseButton.LeftButton)


def test_the_empty_page_starts_both_experiments_with_the_newest_tuned_model(qtbot, make_tab, models):
    tab, _runner = make_tab(submits=False)
    assert page(tab) == "evaluation_empty"
    with qtbot.waitSignal(tab.study_requested) as wanted:
        press(qtbot, tab, "evaluation_empty_button")
    job = wanted.args[0]
    assert [model.model for model in job.models] == ["demo-base", models[3].name]
    assert (len(job.variants), len(job.prompts), len(job.seeds)) == (2, 5, 6)
    assert Path(job.out_dir).parent.name == "studies"
    assert not Path(job.out_dir).exists()


def test_without_a_tuned_model_the_way_leads_to_the_training(qtbot, make_tab, models):
    tab, _runner = make_tab(models=models[:3])
    with qtbot.waitSignal(tab.training_wanted):
        press(qtbot, tab, "evaluation_empty_button")
    with qtbot.waitSignal(tab.message) as told, qtbot.assertNotEmitted(tab.study_requested):
        child(tab, QAction, "evaluation_preset_experiment_1").trigger()
    assert "no tuned model" in told.args[0].text
    with qtbot.waitSignal(tab.training_wanted):
        told.args[0].action()
    tab.set_models(models)
    assert "two experiments" in child(tab, QPushButton, "evaluation_empty_button").text()


def test_a_study_is_followed_stopped_and_taken_up_again(qtbot, make_tab):
    tab, runner = make_tab("stubborn")
    child(tab, QAction, "evaluation_preset_same_seeds").trigger()
    (job_id,) = runner.job_ids()
    assert page(tab) == "evaluation_progress"
    with qtbot.waitSignal(runner.step_done, timeout=20_000):
        pass
    qtbot.waitUntil(lambda: "working" in child(tab, QLabel, "evaluation_progress_state").text())
    press(qtbot, tab, "evaluation_stop_button")
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.CANCELED, timeout=20_000)
    drawn = child(tab, QLabel, "evaluation_stage_draw_text")
    qtbot.waitUntil(lambda: drawn.text() == "0 of 60 pictures" and drawn.isVisible())
    assert "What is drawn is kept" in child(tab, QLabel, "evaluation_progress_sentence").text()
    press(qtbot, tab, "evaluation_resume_button")
    assert runner.state(job_id) is RunState.RUNNING
    assert runner.run(job_id).job.title == "Base against tuned at the same seeds"
    runner.cancel(job_id)
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.CANCELED, timeout=20_000)


def test_a_study_that_ends_shows_its_results_by_itself(qtbot, make_tab, folder, make_job, leave_results):
    tab, runner = make_tab("short")
    job = make_job(folder)
    leave_results(folder, job)  # as its engine would have left them
    tab.maker.newest_folder = str(folder)
    job_id = runner.submit(job)
    qtbot.waitUntil(lambda: page(tab) == "evaluation_result", timeout=20_000)
    assert runner.state(job_id) is RunState.DONE
    assert child(tab, QLabel, "evaluation_title").full_text == "Foxes and owls"


def test_a_study_whose_results_are_gone_says_so(qtbot, make_tab, make_job, tmp_path):
    tab, runner = make_tab("short")
    tab.maker.newest_folder = str(tmp_path / "gone")
    job_id = runner.submit(make_job(tmp_path / "gone"))
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.DONE, timeout=20_000)
    assert page(tab) == "evaluation_progress"
    assert "not where they were" in child(tab, QLabel, "evaluation_progress_sentence").text()


def test_a_failure_is_told_where_the_study_is(qtbot, make_tab, make_job, tmp_path):
    tab, runner = make_tab("fails")
    tab.maker.newest_folder = str(tmp_path)
    job_id = runner.submit(make_job(tmp_path))
    qtbot.waitUntil(lambda: runner.state(job_id) is RunState.FAILED, timeout=20_000)
    sentence = child(tab, QLabel, "evaluation_progress_sentence")
    assert "not enough memory" in sentence.text()


def test_studies_of_earlier_windows_are_listed_and_the_last_one_is_shown(qtbot, make_tab, study, folder):
    older = runs.create_run(msgspec.structs.replace(study.job, title="Older", out_dir=str(folder / "none")))
    runs.start(older, 1)
    runs.move(older, RunState.INTERRUPTED)
    newer = runs.create_run(study.job)
    for state in (RunState.DONE,):
        runs.start(newer, 1)
        runs.move(newer, state)
    tab, runner = make_tab("stubborn")
    qtbot.waitUntil(lambda: page(tab) == "evaluation_result")
    view = child(tab, QListView, "evaluation_list")
    assert [view.model().index(row, 0).data() for row in range(2)] == ["Foxes and owls", "Older"]
    assert "interrupted" in view.model().index(1, 0).data(NOTE_ROLE)
    view.setCurrentIndex(view.model().index(1, 0))
    assert page(tab) == "evaluation_progress"
    press(qtbot, tab, "evaluation_resume_button")
    qtbot.waitUntil(lambda: runner.job_ids() == [older.id])
    runner.cancel(older.id)
    qtbot.waitUntil(lambda: runner.state(older.id) is RunState.CANCELED, timeout=20_000)


def test_a_damaged_result_is_told_and_the_others_stay_usable(qtbot, make_tab, study, folder):
    run = runs.create_run(study.job)
    runs.start(run, 1)
    runs.move(run, RunState.DONE)
    (folder / "study.json").write_text("{", encoding="utf-8")
    tab, _runner = make_tab()
    with qtbot.waitSignal(tab.message) as told:
        pass
    assert told.args[0].level == "error"
    assert page(tab) == "evaluation_progress"


def test_a_study_of_ones_own_goes_from_the_form_into_the_queue(qtbot, make_tab):
    tab, _runner = make_tab(submits=False)
    tab.maker.new_study()
    dialog = tab.findChild(FormDialog)
    child(dialog, QLineEdit, "study_seeds").setText("4")
    with qtbot.waitSignal(tab.study_requested) as wanted:
        press(qtbot, dialog, "study_form_start")
    assert isinstance(wanted.args[0], StudyJob)
    assert wanted.args[0].seeds == (4,)


def test_a_folder_to_score_goes_into_the_queue_too(qtbot, make_tab, folder, study):
    tab, _runner = make_tab(submits=False)
    press(qtbot, tab, "evaluation_folder_button")
    dialog = tab.findChild(FormDialog)
    child(dialog, QLineEdit, "score_folder").setText(str(folder))
    with qtbot.waitSignal(tab.study_requested) as wanted:
        press(qtbot, dialog, "score_form_start")
    assert isinstance(wanted.args[0], EvaluateJob)
    assert (wanted.args[0].images_dir, Path(wanted.args[0].out_dir).parent.name) == (str(folder), "studies")


def start_few_steps(tab):
    action = next(a for a in child(tab, QMenu, "evaluation_new_menu").actions()
                  if a.objectName() == "evaluation_made_few_steps")  # fmt: skip
    action.trigger()


def test_one_step_against_many_starts_at_one_click(qtbot, make_tab, tiny_sd):
    flow = models_dir() / "instaflow-tiny"
    shutil.copytree(tiny_sd, flow)
    index = json.loads((flow / "model_index.json").read_text(encoding="utf-8"))
    index["_class_name"] = "RectifiedFlowPipeline"
    (flow / "model_index.json").write_text(json.dumps(index), encoding="utf-8")
    tab, _runner = make_tab(submits=False)
    with qtbot.waitSignal(tab.study_requested) as wanted:
        start_few_steps(tab)
    job = wanted.args[0]
    assert [(Path(model.model).name, model.num_inference_steps) for model in job.models] == [
        ("demo-base", 25), ("instaflow-tiny", 1),
    ]  # fmt: skip
    assert job.timing is not None
    assert Path(job.out_dir).parent.name == "studies"


def test_without_a_model_of_few_steps_it_says_where_to_get_one(qtbot, make_tab, monkeypatch, tmp_path):
    monkeypatch.setattr(model_list, "resource", lambda name: tmp_path / name)  # as if none were shipped
    tab, _runner = make_tab(submits=False)
    with qtbot.waitSignal(tab.message) as told:
        start_few_steps(tab)
    assert "one step or a few" in told.args[0].text
    assert "Models tab" in told.args[0].next_step
    with qtbot.waitSignal(tab.training_wanted):
        told.args[0].action()


def drop(tab, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    tab.dropEvent(
        QDropEvent(
            QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    )


def test_a_dropped_study_is_shown_and_a_dropped_folder_of_pictures_is_scored(qtbot, make_tab, study, folder):
    tab, _runner = make_tab()
    drop(tab, folder)
    drop(tab, folder / "images")
    qtbot.waitUntil(lambda: page(tab) == "evaluation_result")
    assert child(tab, QLabel, "evaluation_title").full_text == "Foxes and owls"
    qtbot.waitUntil(lambda: tab.findChild(FormDialog) is not None)
    assert child(tab.findChild(FormDialog), QLineEdit, "score_folder").text() == str(folder / "images")


def test_the_button_opens_a_study_from_any_folder_and_says_where_there_is_none(qtbot, make_tab, study, folder):
    tab, _runner = make_tab()
    press(qtbot, tab, "evaluation_open_button")
    with qtbot.waitSignal(tab.message) as told:
        child(tab, QFileDialog, "evaluation_open_dialog").fileSelected.emit(str(folder / "images"))
    assert (told.args[0].level, str(folder / "images") in told.args[0].text) == ("warning", True)
    told.args[0].action()
    assert child(tab.findChild(FormDialog), QLineEdit, "score_folder").text() == str(folder / "images")
    child(tab, QFileDialog, "evaluation_open_dialog").fileSelected.emit(str(folder))
    qtbot.waitUntil(lambda: page(tab) == "evaluation_result")
    assert tab.save_state()["opened"] == str(folder)


def test_a_study_opened_from_a_folder_is_there_again_next_time_if_it_still_is(qtbot, make_tab, study, folder):
    first, _runner = make_tab()
    drop(first, folder)
    qtbot.waitUntil(lambda: page(first) == "evaluation_result")
    second, _runner = make_tab()
    second.restore_state(first.save_state())
    qtbot.waitUntil(lambda: page(second) == "evaluation_result")
    assert child(second, QLabel, "evaluation_title").full_text == "Foxes and owls"
    (folder / "study.json").unlink()
    third, _runner = make_tab()
    with qtbot.assertNotEmitted(third.message):
        third.restore_state(first.save_state())
        third.shutdown()
    assert page(third) == "evaluation_empty"


def test_repeat_opens_the_form_with_the_job_as_it_was(qtbot, make_tab, study):
    tab, _runner = make_tab()
    tab.maker.ask(study.job)
    form = tab.findChild(FormDialog).form
    assert form.value() == msgspec.structs.replace(study.job, out_dir="")


def test_the_state_comes_back_and_nonsense_does_no_harm(qtbot, make_tab):
    tab, _runner = make_tab()
    tab.restore_state({"splitter": [300, 900], "study": "x"})
    state = tab.save_state()
    assert state["splitter"][0] == pytest.approx(300, abs=5)
    tab.restore_state({"splitter": ["a"], "study": 7, "other": None})
    assert tab.save_state() == state
    names = [spec.name for spec in tab.action_specs()]
    assert len(set(names)) == len(names)
    assert [spec.name for spec in tab.action_specs() if spec.is_enabled and spec.is_enabled()] == []


def test_every_control_has_a_name_for_tests_and_one_for_screen_readers(qtbot, make_tab, study, folder):
    tab, _runner = make_tab()
    tab._result.show_study(study, folder)
    tab.maker.new_study()
    tab.maker.score_folder()
    kinds = (QAbstractButton, QLineEdit, QComboBox, QListView)
    controls = [w for kind in kinds for w in tab.findChildren(kind) if not w.objectName().startswith("qt_")]
    # Qt's own: the parts of combo boxes, tab bars, tables and headers.
    own = [w for w in controls if type(w).__module__.startswith("sketchdesk") or w.objectName()]
    assert len(own) > 40
    assert [w.objectName() for w in own if not w.accessibleName() and w.objectName() != "ScrollLeftButton"] == []


def test_the_tab_key_goes_down_the_list_and_then_down_the_page(qtbot, make_tab, study, folder):
    tab, _runner = make_tab()
    drop(tab, folder)
    qtbot.waitUntil(lambda: page(tab) == "evaluation_result")
    qtbot.waitUntil(lambda: tab.findChild(QWidget, "evaluation_pairs") is not None, timeout=20_000)
    stops, widget = [], child(tab, QPushButton, "evaluation_new_button")
    for _each in range(400):
        if widget.isVisible() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus and tab.isAncestorOf(widget):
            stops.append(widget)
        widget = widget.nextInFocusChain()
        if widget.objectName() == "evaluation_new_button":
            break
    names = ("new_button", "folder_button", "open_button", "list", "repeat_button", "vote_button",
             "export_button", "help")  # fmt: skip
    tables = ("variants", "prompts", "metrics", "captions")
    assert [stop.objectName() for stop in stops] == [f"evaluation_{name}" for name in (*names, *tables)]
    assert [stop.objectName() for stop in stops if not stop.accessibleName()] == []


def test_a_real_study_from_the_form_to_the_page(qtbot, make_tab, tiny_sd, tiny_clip, tiny_blip, tmp_path):
    tab, runner = make_tab(None)
    job = StudyJob(
        title="Tiny", out_dir="", prompts=("a zebra",), seeds=(0,), num_inference_steps=2, device="cpu",
        models=(StudyModel(name="base", model=str(tiny_sd)), StudyModel(name="tuned", model=str(tiny_sd))),
        precision="fp32", clip_model=str(tiny_clip), blip_model=str(tiny_blip), num_threads=1,
    )  # fmt: skip
    tab.maker.ask(job)
    press(qtbot, tab.findChild(FormDialog), "study_form_start")
    qtbot.waitUntil(lambda: page(tab) == "evaluation_result", timeout=120_000)
    assert "No difference shown" in child(tab, QLabel, "evaluation_verdict").text()
    (job_id,) = runner.job_ids()
    assert Path(runner.run(job_id).job.out_dir, "report.html").is_file()


def test_the_checkpoints_of_the_newest_training_are_one_click_away(qtbot, make_tab, tmp_path):
    tab, _runner = make_tab(submits=False)
    action = child(tab, QAction, "evaluation_made_checkpoints")
    with qtbot.waitSignal(tab.message) as told:
        action.trigger()
    assert told.args[0].text == "There is no training yet."
    out = tmp_path / "sketch"
    runs.create_run(TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(out), max_train_steps=300))
    write_held_out(out, ["a caption nobody trained on"])
    for step in (100, 200):
        folder = out / "checkpoints" / f"checkpoint-{step}"
        folder.mkdir(parents=True)
        for name in ("checkpoint.json", "model_index.json"):
            (folder / name).write_text("{}", encoding="utf-8")
    action.trigger()
    qtbot.waitUntil(lambda: tab.findChild(StudyForm) is not None)
    form = tab.findChild(StudyForm)
    qtbot.waitUntil(lambda: form.value().title == "Checkpoints of a training")
    assert [model.name for model in form.value().models] == ["base", "step 100", "step 200"]
    assert form.value().prompts == ("a caption nobody trained on",)
