"""The recipe form is a form over TrainJob: what goes in comes out, and what cannot be is marked."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import msgspec
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QLineEdit

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, edits_file, write_edits
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.training.conflicts import conflicts, doubts
from sketchdesk.library.training.recipes import DEMO_SKETCH, RECIPES, REPORT_2024, with_recipe, write_recipe
from sketchdesk.ui.training.recipe.fields import CHECKS, CHOICES, COMMON, LORA, MORE, NUMBERS, OPEN_CHOICES, TEXTS
from sketchdesk.ui.training.recipe.form import FIRST, RecipeForm
from sketchdesk.ui.training.recipe.group import form_fields
from sketchdesk.ui.training.recipe.preset_box import FILE, OWN, PresetBox
from sketchdesk.ui.training.recipe.words import labels
from sketchdesk.ui.turns import whole

PLAIN = TrainJob(model="demo-base", dataset="demo-sketch", out_dir="")
FULL = msgspec.structs.replace(
    PLAIN, model="/models/own/model", dataset="demo-colour", resolution=256, center_crop=False, random_flip=False,
    max_train_samples=900, max_train_steps=30, train_batch_size=2, gradient_accumulation_steps=8,
    gradient_checkpointing=True, learning_rate=3e-5, lr_scheduler="cosine", lr_warmup_steps=5, optimizer="muon",
    adam_beta1=0.8, adam_weight_decay=0.1, max_grad_norm=0.5, use_ema=False, ema_decay=0.99, loss_weighting="velocity",
    snr_gamma=5.0, noise_offset=0.05, caption_dropout=0.1, train_text_encoder=True, image_column="picture",
    validation_prompts=("a zebra", "un ñandú"), validation_steps=7, validation_share=0.125, checkpointing_steps=9,
    checkpoints_total_limit=3, seed=42, device="cuda:1", precision="bf16", num_threads=2,
)  # fmt: skip


@pytest.fixture
def form(qtbot, background) -> RecipeForm:
    made = RecipeForm(whole(form_fields(FIRST, background)))
    for _step in made.put_together():
        pass
    qtbot.addWidget(made)
    return made


@pytest.mark.parametrize("job", [PLAIN, FULL, *(with_recipe(PLAIN, recipe) for recipe in RECIPES)])
def test_a_job_comes_out_as_it_went_in(form, job):
    form.set_value(job)
    assert form.value() == job


def test_every_choice_of_the_job_is_offered_and_everything_has_a_label():
    hints = get_type_hints(TrainJob)
    for name, words in CHOICES.items():
        assert set(words) == set(get_args(hints[name]))
    asked = {*NUMBERS, *CHOICES, *OPEN_CHOICES, *TEXTS, *CHECKS}
    assert set(labels()) == asked
    placed = [name for group in (COMMON, LORA, *MORE) for names in (*group.pairs, group.checks) for name in names]
    assert sorted(placed) == sorted(asked)
    by_other_means = {  # the fields of their own, and what the form leaves as it was given
        "model", "dataset", "captions_file", "fork_from", "validation_prompts", "train_text_encoder", "out_dir",
        "resume", "image_column", "caption_column", "num_threads",
    }  # fmt: skip
    assert asked | by_other_means == set(TrainJob.__struct_fields__)


def test_out_comes_no_folder_and_no_resume(form):
    form.set_value(msgspec.structs.replace(FULL, out_dir="/old", resume=True))
    assert form.value() == FULL


def test_what_is_typed_is_told_and_counts(form, qtbot):
    with qtbot.waitSignal(form.value_changed):
        form.findChild(object, "training_max_train_steps").setText("123")
    form.findChild(object, "training_use_ema").setChecked(False)
    form.findChild(object, "training_prompts").setPlainText("a zebra\n\n  a castle ")
    job = form.value()
    assert (job.max_train_steps, job.use_ema, job.validation_prompts) == (123, False, ("a zebra", "a castle"))


def test_a_number_that_is_none_is_a_problem_and_the_rest_still_counts(form):
    form.set_value(FULL)
    form.findChild(object, "training_learning_rate").setText("quick")
    assert form.problems == ["This is not a number."]
    assert form.value() == FULL


def test_a_size_that_does_not_fit_the_model_is_marked(form):
    form.set_cell(8)
    form.findChild(object, "training_resolution").setText("100")
    assert form.problems == ["It must be a multiple of 8 for this model."]
    form.findChild(object, "training_resolution").setText("104")
    assert form.problems == []


def test_models_that_cannot_be_taught_are_not_offered_and_one_that_is_gone_is_marked(form, tmp_path):
    def entry(name: str, **values: object) -> ModelEntry:
        return ModelEntry(**({"name": name, "path": tmp_path, "origin": "own", "prediction_type": "epsilon"} | values))

    form.set_models([
        entry("good"), entry("clip", prediction_type=None), entry("torn", problem="It is torn."),
        entry("file", path=tmp_path / "x.safetensors"),
    ])  # fmt: skip
    form.set_value(msgspec.structs.replace(PLAIN, model="gone"))
    assert form.problems == ["This model is not on this machine."]
    assert form.value().model == "gone"
    form.set_value(msgspec.structs.replace(PLAIN, model="good"))
    assert form.problems == []
    combo = form.findChild(object, "training_model")
    assert {combo.itemData(place) for place in range(combo.count())} == {"good", "demo-base", "gone"}


def test_devices_are_offered(form):
    form.set_devices([DeviceFound(device="cuda:0", name="T4", memory_gib=15, precisions=("fp16",), preferred="fp16")])
    combo = form.findChild(object, "training_device")
    assert [combo.itemData(place) for place in range(combo.count())] == ["auto", "cuda:0"]


def test_a_run_without_a_name_is_called_after_model_and_data_set(form):
    form.set_value(FULL)
    assert form.title == "own · demo-colour"
    form.set_name("  My sketches ")
    assert form.title == "My sketches"


def write_pictures(folder: Path) -> Path:
    folder.mkdir()
    for name in ("a", "b"):
        Image.new("RGB", (8, 8)).save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text(f"letter {name}")
    return folder


def drop(widget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, copy = QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction
    widget.dropEvent(QDropEvent(place, copy, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))


def test_the_demos_data_set_is_counted_before_it_is_drawn(form, qtbot):
    qtbot.waitUntil(lambda: form.dataset.check is not None)
    assert form.dataset.findChild(object, "training_dataset_found").text() == "1,500 pictures with captions"


def test_a_folder_dropped_on_the_data_set_is_counted(form, qtbot, tmp_path):
    folder = write_pictures(tmp_path / "letters")
    drop(form.dataset, folder / "a.png")  # a file of it means the folder
    qtbot.waitUntil(lambda: form.value().dataset == str(folder))
    qtbot.waitUntil(lambda: form.dataset.check is not None)
    assert form.dataset.check.pictures == 2
    assert form.problems == []


def test_pictures_dropped_together_are_a_data_set_of_just_these(form, qtbot, tmp_path):
    folder = write_pictures(tmp_path / "letters")
    (folder / "c.txt").write_text("letter c")
    Image.new("RGB", (8, 8)).save(folder / "c.png")
    drop(form.dataset, folder / "a.png", folder / "c.png")
    qtbot.waitUntil(lambda: form.dataset.check is not None and form.value().dataset.endswith(".txt"))
    assert form.dataset.check.pictures == 2
    assert form.problems == []


def test_captions_are_counted_in_the_column_that_a_recipe_names(form, qtbot, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "metadata.jsonl").write_text('{"file_name": "a.png", "title": "a zebra"}')
    form.set_value(msgspec.structs.replace(PLAIN, dataset=str(tmp_path)))
    qtbot.waitUntil(lambda: bool(form.dataset.problem))
    form.set_value(msgspec.structs.replace(PLAIN, dataset=str(tmp_path), caption_column="title"))
    qtbot.waitUntil(lambda: form.dataset.check is not None and form.dataset.check.pictures == 1)
    assert not form.dataset.problem


def test_captions_edited_here_are_found_and_trained_on(form, qtbot, tmp_path):
    folder = write_pictures(tmp_path / "letters")
    file = edits_file(str(folder))
    write_edits(file, CaptionEdits(str(folder), {"a.png": Edit("an A")}))
    form.dataset.set_value(str(folder))
    qtbot.waitUntil(lambda: form.dataset.check is not None)
    assert form.value().captions_file == str(file)
    assert form.dataset.findChild(object, "training_dataset_found").text().endswith("1 caption edited")
    form.dataset.set_value("demo-colour")
    assert form.value().captions_file == ""


# --- method, and what goes together ----------------------------------------------------------------------------------


def test_the_method_decides_what_is_trained_and_shows_what_adapters_need(form):
    rank = form.findChild(object, "training_lora_rank")
    form.set_value(PLAIN)
    assert form.value().lora_rank == 0
    assert form.findChild(object, "training_group_lora").isHidden()
    method = form.findChild(object, "training_method")
    method.setCurrentIndex(method.findData("lora_text"))
    rank.setText("8")
    job = form.value()
    assert (job.lora_rank, job.train_text_encoder) == (8, True)
    assert not form.findChild(object, "training_group_lora").isHidden()
    form.set_value(msgspec.structs.replace(PLAIN, lora_rank=4, lora_alpha=2.0, lora_targets="all"))
    assert method.currentData() == "lora"
    assert (form.value().lora_rank, form.value().lora_alpha, form.value().lora_targets) == (4, 2.0, "all")


def test_what_excludes_each_other_is_said_at_the_field(form):
    form.set_value(msgspec.structs.replace(PLAIN, fused_step=True, gradient_accumulation_steps=4))
    assert form.problems == [conflicts(form.value())["fused_step"]]
    form.findChild(object, "training_gradient_accumulation_steps").setText("1")
    assert form.problems == []


def test_the_average_says_how_far_it_comes(form):
    form.set_value(with_recipe(PLAIN, REPORT_2024))
    assert form.findChild(object, "training_use_ema_remark").text() == "0.9999 (0.77 at step 30)"
    form.findChild(object, "training_use_ema").setChecked(False)
    assert form.findChild(object, "training_use_ema_remark").isHidden()


def test_the_judges_style_words_are_typed_and_shown(form):
    form.set_value(msgspec.structs.replace(PLAIN, reward_weight=0.1))
    line = form.findChild(QLineEdit, "training_reward_prefix")
    line.setText("a pencil sketch of ")
    assert form.value().reward_prefix == "a pencil sketch of"
    form.set_value(msgspec.structs.replace(PLAIN, reward_weight=0.1, reward_prefix="ink of"))
    assert line.text() == "ink of"


def test_what_counts_for_nothing_cannot_be_changed(form):
    form.set_value(PLAIN)
    assert not form.findChild(object, "training_reward_clip").isEnabled()
    assert not form.findChild(object, "training_huber_c").isEnabled()
    form.findChild(object, "training_reward_weight").setText("0.05")
    loss = form.findChild(object, "training_loss")
    loss.setCurrentIndex(loss.findData("huber"))
    assert form.findChild(object, "training_reward_clip").isEnabled()
    assert form.findChild(object, "training_huber_c").isEnabled()


def test_a_judge_that_is_not_here_is_said_and_one_that_evaluates_is_warned_of(form, tmp_path):
    clip = ModelEntry(name="demo-clip", path=tmp_path, origin="shipped", prediction_type=None, family="clip")
    base = ModelEntry(name="demo-base", path=tmp_path, origin="shipped", prediction_type="epsilon")
    form.set_models([clip, base])
    form.set_value(msgspec.structs.replace(PLAIN, reward_weight=0.1))
    assert "demo build reward-clip" in form.problems[0]
    form.set_value(msgspec.structs.replace(PLAIN, reward_weight=0.1, reward_clip="demo-clip"))
    assert form.problems == []
    assert form.findChild(object, "training_reward_clip_remark").text() == doubts(form.value())["reward_clip"]


def test_a_fork_names_its_checkpoint_until_it_is_taken_away(form):
    folder = "/training/ink/checkpoints/checkpoint-200"
    form.set_value(msgspec.structs.replace(PLAIN, fork_from=folder, max_train_steps=200))
    assert form.findChild(object, "training_fork_text").full_text == "Goes on from ink · step 200"
    assert form.value().fork_from == folder
    assert form.problems == ["The checkpoint it goes on from has done 200 steps already."]
    form.findChild(object, "training_fork_drop").click()
    assert form.value().fork_from == ""
    assert form.problems == []


def test_a_folder_that_cannot_be_trained_on_is_marked_until_another_is_named(form, qtbot, tmp_path):
    form.dataset.set_value(str(tmp_path))
    qtbot.waitUntil(lambda: bool(form.problems))
    assert str(tmp_path) in form.problems[0]
    look = form.dataset.findChild(object, "training_dataset_look")
    assert look.isEnabled()  # captions can be written there
    form.dataset.set_value("demo-colour")
    assert not look.isEnabled()
    qtbot.waitUntil(lambda: form.dataset.check is not None)
    assert form.problems == []


# --- recipes -------------------------------------------------------------------------------------------------------


@pytest.fixture
def preset(qtbot, form, background) -> PresetBox:
    made = PresetBox(form, background)
    qtbot.addWidget(made)
    return made


def choose(preset: PresetBox, name: str) -> None:
    combo = preset.findChild(object, "training_preset")
    combo.setCurrentIndex(combo.findData(name))
    combo.activated.emit(combo.currentIndex())


def chosen(preset: PresetBox) -> str:
    return preset.findChild(object, "training_preset").currentData()


def test_a_ready_recipe_fills_the_form_and_a_change_makes_it_ones_own(form, preset):
    assert chosen(preset) == OWN
    choose(preset, REPORT_2024.name)
    assert form.value() == with_recipe(form.value(), REPORT_2024)
    assert chosen(preset) == REPORT_2024.name
    form.findChild(object, "training_max_train_steps").setText("31")
    assert chosen(preset) == OWN
    form.findChild(object, "training_max_train_steps").setText("30")
    assert chosen(preset) == REPORT_2024.name


def test_the_report_says_what_it_did(form, preset):
    choose(preset, REPORT_2024.name)
    job = form.value()
    assert (job.resolution, job.train_batch_size, job.gradient_accumulation_steps) == (256, 4, 4)
    assert (job.precision, job.optimizer, job.gradient_checkpointing, job.use_ema) == ("fp16", "adamw_8bit", True, True)


def test_a_recipe_is_saved_and_comes_back_from_its_file(form, preset, qtbot, tmp_path):
    form.set_value(msgspec.structs.replace(FULL, model="demo-base"))
    with qtbot.waitSignal(preset.message):
        preset.write(str(tmp_path / "mine.toml"))
    form.set_value(PLAIN)
    preset.read(str(tmp_path / "mine.toml"))
    qtbot.waitUntil(lambda: form.value() == msgspec.structs.replace(FULL, model="demo-base"))


def test_a_broken_file_is_told_and_leaves_the_form(form, preset, qtbot, tmp_path):
    (tmp_path / "bad.toml").write_text('model = "m"\ndataset = "d"\nmax_train_stebs = 3\n')
    form.set_value(FULL)
    with qtbot.waitSignal(preset.message) as told:
        preset.read(str(tmp_path / "bad.toml"))
    assert "max_train_steps" in told.args[0].text
    assert told.args[0].level == "error"
    assert form.value() == FULL


def test_from_a_file_asks_and_leaves_the_form_when_nothing_is_chosen(form, preset, qtbot):
    choose(preset, DEMO_SKETCH.name)
    choose(preset, FILE)
    dialog = preset.findChild(object, "training_recipe_dialog")
    dialog.reject()
    assert chosen(preset) == DEMO_SKETCH.name


def test_a_disk_that_refuses_is_told(form, preset, qtbot, tmp_path):
    (tmp_path / "file").write_text("")
    with qtbot.waitSignal(preset.message) as told:
        preset.write(str(tmp_path / "file" / "mine.toml"))
    assert told.args[0].level == "error"


def test_the_file_written_is_the_one_the_command_line_reads(tmp_path):
    write_recipe(tmp_path / "a.toml", with_recipe(PLAIN, DEMO_SKETCH))
    assert "max_train_steps = 400" in (tmp_path / "a.toml").read_text()
