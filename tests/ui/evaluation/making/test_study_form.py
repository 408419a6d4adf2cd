"""The form of a study, driven as a person does."""

from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
)

from sketchdesk.contracts.jobs import LoraUse, StudyJob, StudyModel, StudyVariant
from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.library.evaluation.study_presets import PRESETS, preset_job
from sketchdesk.ui.evaluation.making.form_dialog import FormDialog
from sketchdesk.ui.evaluation.making.study_form import StudyForm


@pytest.fixture
def form(qapp, models):
    made = StudyForm()
    made.set_models(models)
    made.set_value(preset_job("both", "demo-base", models[3].name))
    return made


def child(widget, kind, name):
    found = widget.findChild(kind, name)
    assert found is not None, name
    return found


def click(qtbot, widget, kind, name):
    qtbot.mouseClick(child(widget, kind, name), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("preset", [preset.name for preset in PRESETS])
def test_every_preset_goes_through_the_form_unchanged(form, models, preset):
    job = preset_job(preset, "demo-base", models[3].name)
    form.set_value(job)
    assert form.value() == job
    assert form.problems() == {}


def test_what_the_form_does_not_show_is_kept(form):
    job = StudyJob(
        title="Mine", out_dir="/old/place", prompts=("x",), seeds=(3, 9, 10), negative_prompt="blurred", width=64,
        models=(StudyModel(name="a", model="/gone/model", loras=(LoraUse(path="l"),)), StudyModel(name="b", model="c")),
        variants=(StudyVariant(name="7", title="t"),), guidance_scale=3.0, metrics=("blip",), device="cuda:7",
        num_inference_steps=4,
    )  # fmt: skip
    form.set_value(job)
    assert form.value() == msgspec.structs.replace(job, out_dir="")


def test_what_is_typed_is_in_the_value_and_in_the_sentence(qtbot, form):
    child(form, QPlainTextEdit, "study_prompts").setPlainText(" a  zebra \n\na fox\na zebra\n")
    seeds = child(form, QLineEdit, "study_seeds")
    seeds.clear()
    qtbot.keyClicks(seeds, "7, 10-12")
    child(form, QSpinBox, "study_steps").setValue(9)
    job = form.value()
    assert (job.prompts, job.seeds, job.num_inference_steps) == (("a zebra", "a fox"), (7, 10, 11, 12), 9)
    assert form.summary() == "2 prompts × 2 models × 4 seeds × 2 variants = 32 images"


def test_variants_that_draw_alike_are_told(form):
    for number in (0, 1):
        child(form, QLineEdit, f"study_variant_{number}_generator").setText("")
    assert "60 pictures are drawn" in form.summary()


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda form: child(form, QLineEdit, "study_title").clear(), "title"),
        (lambda form: child(form, QPlainTextEdit, "study_prompts").setPlainText(" \n"), "prompts"),
        (lambda form: child(form, QLineEdit, "study_seeds").setText("one"), "seeds"),
        (lambda form: child(form, QLineEdit, "study_seeds").setText("0-99999"), "seeds"),
        (lambda form: child(form, QLineEdit, "study_model_1_name").setText("Base"), "models"),
        (lambda form: child(form, QLineEdit, "study_model_0_name").clear(), "models"),
        (lambda form: child(form, QComboBox, "study_model_0_combo").setCurrentIndex(-1), "models"),
        (lambda form: [child(form, QCheckBox, f"study_{each}_box").setChecked(False) for each in ("clip", "blip")],
         "scoring"),
    ],
)  # fmt: skip
def test_what_is_not_possible_is_told_and_cannot_be_started(qtbot, form, spoil, field):
    dialog = FormDialog(form)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    start = child(dialog, QPushButton, "study_form_start")
    assert start.isEnabled()
    spoil(form)
    child(form, QLineEdit, "study_seeds").textEdited.emit("")
    assert list(form.problems()) == [field]
    assert not start.isEnabled()
    assert child(dialog, QLabel, "study_form_note").text() == form.problems()[field]


def test_models_and_variants_come_and_go(qtbot, form, models):
    click(qtbot, form, QPushButton, "study_model_add")
    click(qtbot, form, QPushButton, "study_variant_add")
    names = [variant.name for variant in form.value().variants]
    assert (len(form.value().models), names) == (3, ["1", "2", "3"])
    assert form.problems() == {"models": "Choose a model in every row."}
    child(form, QComboBox, "study_model_2_combo").setCurrentIndex(0)
    assert form.value().models[2] == StudyModel(name="demo-base", model="demo-base")
    click(qtbot, form, QToolButton, "study_model_0_remove")
    click(qtbot, form, QToolButton, "study_variant_0_remove")
    assert [model.model for model in form.value().models] == [models[3].name, "demo-base"]
    assert [variant.name for variant in form.value().variants] == ["2", "3"]
    assert child(form, QToolButton, "study_model_0_remove").isHidden()


def test_only_models_that_work_are_offered_where_they_can_work(form, models):
    combo = child(form, QComboBox, "study_model_0_combo")
    assert [combo.itemText(row) for row in range(combo.count())] == [
        "demo-base", "sketch-1", "A folder of pictures…",
    ]  # fmt: skip
    clip = child(form, QComboBox, "study_clip_model")
    assert [clip.itemData(row) for row in range(clip.count())] == ["demo-clip"]


def drop(form, paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    child(form, QPlainTextEdit, "study_prompts").dropEvent(event)


def test_a_dropped_prompt_file_adds_its_prompts_and_a_bad_one_is_told(qtbot, form, tmp_path):
    good, bad = tmp_path / "p.txt", tmp_path / "p.csv"
    good.write_text("an owl\na zebra\n", encoding="utf-8")
    bad.write_text("no header\n", encoding="utf-8")
    before = form.value().prompts
    drop(form, [good])
    assert form.value().prompts == (*before, "an owl")
    with qtbot.waitSignal(form.message) as told:
        drop(form, [bad])
    assert "p.csv" in told.args[0].text
    assert form.value().prompts == (*before, "an owl")


def test_a_presets_titles_follow_the_language_until_they_are_changed(form, monkeypatch):
    from sketchdesk.contracts import text
    from sketchdesk.library.paths import resource

    english = form.value()
    child(form, QLineEdit, "study_variant_1_title").setText("Mine")
    assert "es" in LANGUAGES
    text.use_language(resource("translations"), "es")
    form.retranslate()
    shown = child(form, QLineEdit, "study_variant_0_title").text()
    assert shown != english.variants[0].title
    job = form.value()
    assert (job.title, job.variants[0].title, job.variants[1].title) == (
        english.title, english.variants[0].title, "Mine",
    )  # fmt: skip


def test_start_gives_the_job_once_and_closes(qtbot, form):
    dialog = FormDialog(form)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.open()
    with qtbot.waitSignal(dialog.started) as started:
        qtbot.mouseClick(child(dialog, QPushButton, "study_form_start"), Qt.MouseButton.LeftButton)
    assert started.args[0] == form.value()
    assert not dialog.isVisible()


def test_the_tab_key_goes_from_row_to_row_and_then_to_what_adds_one(qtbot, form):
    click(qtbot, form, QPushButton, "study_model_add")
    dialog = FormDialog(form)
    qtbot.addWidget(dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    dialog.show()
    chain, widget = [], child(form, QLineEdit, "study_title")
    for _each in range(200):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            chain.append(widget.objectName())
        widget = widget.nextInFocusChain()
    begin = chain.index("study_model_0_combo")
    rows = [f"study_model_{n}_{part}" for n in range(3) for part in ("combo", "name", "remove")]
    assert chain[begin : begin + 10] == [*rows, "study_model_add"]
    begin = chain.index("study_variant_0_title")
    rows = [f"study_variant_{n}_{part}" for n in range(2) for part in ("title", "generator", "scorer", "remove")]
    assert chain[begin : begin + 9] == [*rows, "study_variant_add"]


def test_a_folder_of_pictures_takes_a_models_place_and_what_a_model_came_with_is_kept(qtbot, models, tmp_path):
    form = StudyForm()
    qtbot.addWidget(form)
    form.set_models(models)
    own = StudyModel(name="quick", model="demo-base", num_inference_steps=1)
    theirs = StudyModel(name="theirs", images=str(tmp_path))
    form.set_value(msgspec.structs.replace(form.value(), models=(own, theirs)))
    assert form.value().models == (own, theirs)
    form.set_models(models)
    assert form.value().models == (own, theirs)
    assert "models" not in form.problems()
    combo = form.findChild(QComboBox, "study_model_0_combo")
    combo.setCurrentIndex(combo.count() - 1)
    combo.activated.emit(combo.count() - 1)
    dialog = form.findChild(QFileDialog, "study_model_folder_dialog")
    assert form.value().models[0] == own
    dialog.fileSelected.emit(str(tmp_path))
    dialog.reject()
    assert form.value().models[0].images == str(tmp_path)
