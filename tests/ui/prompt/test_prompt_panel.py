"""The panel as a person uses it: type, drop, choose, draw, and find it all again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QFileDialog, QLabel, QMenu, QToolButton

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow, TrainJob
from sketchdesk.library.drawing.draft import draft_file, load_draft
from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import ImageIndex
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.runs.runs import create_run
from sketchdesk.library.settings import Settings

CPU = DeviceFound(device="cpu", name="Test CPU", memory_gib=24.0, precisions=("bf16", "fp32"), preferred="bf16")
GPU = DeviceFound(device="cuda:0", name="Test GPU", memory_gib=8.0, precisions=("fp16", "fp32"), preferred="fp16")
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


def prompts(panel) -> list[str]:
    return [row.prompt for row in panel.editor.model.rows()]


def drop(panel, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    place, held = QPointF(100, 80), (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, data, *held)
    QApplication.sendEvent(panel, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(panel, QDropEvent(place, Qt.DropAction.CopyAction, data, *held))


def record(**more) -> ImageRecord:
    values = {
        "prompt": "a fox", "style_prefix": "in ink,", "seed": 5, "num_inference_steps": 30, "guidance_scale": 4.0,
        "sampler": "euler", "width": 64, "height": 96, "model": "demo-base",
    } | more  # fmt: skip
    return ImageRecord(**values)


def click(qtbot, button) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


# --- drawing ---------------------------------------------------------------------------------------------------------


def test_a_first_start_can_draw_at_once(panel, qtbot):
    assert len(prompts(panel)) == 5
    with qtbot.waitSignal(panel.generate_requested) as asked:
        click(qtbot, panel.bar.generate)
    (job,) = asked.args[0]
    assert (job.model, job.count, len(job.prompts)) == ("demo-base", 2, 5)
    assert Path(job.out_dir).parent == images_dir()


def test_two_presses_draw_with_two_seeds_and_the_lock_keeps_one(panel, qtbot):
    jobs: list[GenerateJob] = []
    panel.generate_requested.connect(jobs.extend)
    for _ in range(2):
        click(qtbot, panel.bar.generate)
    panel.form.seed.set_seeds("7", True)
    for _ in range(2):
        click(qtbot, panel.bar.generate)
    assert jobs[0].seed != jobs[1].seed
    assert [job.seed for job in jobs[2:]] == [7, 7]


def test_ctrl_enter_draws_and_with_shift_it_queues(panel, qtbot):
    panel.editor.entry.setFocus()
    qtbot.keyClicks(panel.editor.entry, "a dog")
    with qtbot.waitSignal(panel.generate_requested) as asked:
        qtbot.keyClick(panel.editor.entry, Qt.Key.Key_Return, CTRL)
    assert asked.args[0][0].prompts[-1] == PromptRow(prompt="a dog")
    assert prompts(panel)[-1] == "a dog"
    with qtbot.waitSignal(panel.queue_requested) as asked:
        qtbot.keyClick(panel.editor.entry, Qt.Key.Key_Return, CTRL | SHIFT)
    assert len(asked.args[0]) == 1


def test_a_trainings_model_is_drawn_beside_its_base(panel, models, qtbot):
    tuned = models[1]
    create_run(TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(tuned.path.parent)))
    panel.set_models(models)
    panel.set_model(tuned.name)
    with qtbot.waitSignal(panel.generate_requested, timeout=20_000) as asked:
        click(qtbot, panel.bar.pair)  # at once: what it was trained from is still being read
    base, drawn = asked.args[0]
    assert (base.model, drawn.model) == ("demo-base", tuned.name)
    assert (base.seed, base.prompts, base.out_dir) == (drawn.seed, drawn.prompts, drawn.out_dir)


def test_for_another_model_a_menu_asks_what_to_compare_with(panel, models, qtbot):
    panel.form.loras.add(models[3].name)
    click(qtbot, panel.bar.pair)
    menu = panel.findChild(QMenu, "draw_pair_menu")
    qtbot.waitUntil(lambda: bool(menu.actions()), timeout=20_000)
    actions = {action.text(): action for action in menu.actions() if not action.isSeparator()}
    assert list(actions) == ["the same without LoRAs", "sketch"]
    with qtbot.waitSignal(panel.generate_requested) as asked:
        actions["sketch"].trigger()
    assert [job.model for job in asked.args[0]] == [models[1].name, "demo-base"]
    with qtbot.waitSignal(panel.generate_requested) as asked:
        actions["the same without LoRAs"].trigger()
    assert [job.loras for job in asked.args[0]] == [(), (LoraUse(path=models[3].name),)]
    menu.close()


# --- prompts ---------------------------------------------------------------------------------------------------------


def test_enter_adds_what_is_written_and_pasted_lines_are_several(panel, qtbot):
    panel.editor.model.restore(())
    qtbot.keyClicks(panel.editor.entry, " a dog ")
    qtbot.keyClick(panel.editor.entry, Qt.Key.Key_Return)
    QGuiApplication.clipboard().setText("a cat\n\na fox\n")
    qtbot.keyClick(panel.editor.entry, Qt.Key.Key_V, CTRL)
    assert prompts(panel) == ["a dog", "a cat", "a fox"]
    assert panel.editor.entry.text() == ""


def test_the_line_that_is_not_added_yet_is_drawn_too(panel, qtbot):
    panel.editor.model.restore(())
    assert not panel.bar.generate.isEnabled() or panel.problem()
    qtbot.keyClicks(panel.editor.entry, "a dog")
    assert panel.value().prompts == (PromptRow(prompt="a dog"),)
    qtbot.waitUntil(panel.bar.generate.isEnabled)


def test_without_a_prompt_the_reason_stands_by_the_button(panel, qtbot):
    panel.editor.model.set_rows(())
    qtbot.waitUntil(lambda: not panel.bar.generate.isEnabled())
    assert panel.bar.sentence == "Write a prompt first."
    assert panel.bar.generate.toolTip() == "Write a prompt first."


def test_the_badges_follow_the_form(panel, qtbot):
    panel.form.count.setValue(6)
    qtbot.waitUntil(lambda: panel.editor.model.index(0).data(Qt.ItemDataRole.UserRole) == 6)
    panel.form.seed.set_seeds("1, 5, 9", True)
    qtbot.waitUntil(lambda: panel.editor.model.index(0).data(Qt.ItemDataRole.UserRole) == 3)
    assert (panel.form.count.value(), panel.form.count.isEnabled()) == (3, False)
    panel.form.seed.set_seeds("1", True)
    assert (panel.form.count.value(), panel.form.count.isEnabled()) == (6, True)


def test_the_menu_offers_what_can_be_done(panel, qtbot):
    panel.editor.view.choose([1])
    panel.editor._menu.aboutToShow.emit()
    actions = {action.text().split("\t")[0]: action for action in panel.editor._menu.actions()}
    assert not actions["Clear its own settings"].isEnabled()
    counts = {action.text(): action for action in actions["Images of it"].menu().actions()}
    counts["×6"].trigger()
    assert panel.editor.model.rows()[1].count == 6
    panel.editor._menu.aboutToShow.emit()
    actions = {action.text().split("\t")[0]: action for action in panel.editor._menu.actions()}
    actions["Clear its own settings"].trigger()
    assert panel.editor.model.rows()[1].count is None
    samples = actions["Sample lists"].menu().actions()
    assert len(samples) == 4
    with qtbot.waitSignal(panel.editor.model.rows_changed, timeout=20_000):
        samples[1].trigger()
    assert "an owl at night" in prompts(panel)


# --- files -----------------------------------------------------------------------------------------------------------


def test_dropped_lists_are_added_and_taken_back(panel, tmp_path, told, qtbot):
    (tmp_path / "a.txt").write_text("one\ntwo --d 7\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("prompt,count\nthree,4\n", encoding="utf-8")
    drop(panel, tmp_path / "a.txt", tmp_path / "b.csv")
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert panel.editor.model.rows()[5:] == (
        PromptRow(prompt="one"), PromptRow(prompt="two", seed=7), PromptRow(prompt="three", count=4),
    )  # fmt: skip
    assert told[0].text == "3 prompts were added."
    told[0].action()
    assert len(prompts(panel)) == 5


def test_a_list_with_a_fault_is_named_with_its_line(panel, tmp_path, told, qtbot):
    (tmp_path / "bad.txt").write_text("fine\nnot fine --w wide\n", encoding="utf-8")
    drop(panel, tmp_path / "bad.txt", tmp_path / "missing.csv", tmp_path)
    qtbot.waitUntil(lambda: len(told) == 4, timeout=20_000)
    assert told[0].text == "1 prompt was added."
    assert "bad.txt, line 2" in told[1].text
    assert "missing.csv" in told[2].text
    assert [message.level for message in told] == ["good", "warning", "error", "error"]
    assert len(prompts(panel)) == 6


def test_a_dropped_image_gives_its_settings_and_can_be_taken_back(panel, tmp_path, told, qtbot):
    before = panel.draft()
    save_png(Image.new("RGB", (4, 4)), tmp_path / "fox.png", record())
    drop(panel, tmp_path / "fox.png")
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    job = panel.value()
    assert [row.prompt for row in job.prompts] == ["a fox"]
    assert (job.seed, job.count, job.num_inference_steps, job.guidance_scale) == (5, 1, 30, 4.0)
    assert (job.sampler, job.width, job.height, job.style_prefix) == ("euler", 64, 96, "in ink,")
    told[0].action()
    assert panel.draft() == before


def test_an_image_that_says_nothing_is_told(panel, tmp_path, told, qtbot):
    Image.new("RGB", (4, 4)).save(tmp_path / "plain.png")
    drop(panel, tmp_path / "plain.png")
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "plain.png" in told[0].text
    assert len(prompts(panel)) == 5


def test_an_image_whose_sampler_is_not_here_as_it_was_says_what_is_taken(panel, told):
    panel.use_record(record(sampler="Heun Karras", strength=0.4))
    assert panel.value().sampler == "heun"
    assert told[0].level == "warning"
    assert "Karras" in told[0].text
    assert "strength of 0.4" in told[0].text


def test_a_typed_line_with_options_is_a_row_with_settings_and_a_wrong_one_is_told(panel, told, qtbot):
    qtbot.keyClicks(panel.editor.entry, "a dog --s 9")
    assert panel.value().prompts[-1] == PromptRow(prompt="a dog", num_inference_steps=9)
    qtbot.keyClick(panel.editor.entry, Qt.Key.Key_Return)
    qtbot.keyClicks(panel.editor.entry, "a cat --ar 3")
    qtbot.keyClick(panel.editor.entry, Qt.Key.Key_Return)
    assert panel.editor.model.rows()[-1].prompt == "a cat --ar 3"
    assert "--ar" in told[0].text
    assert told[0].level == "warning"


def test_an_image_of_a_model_that_is_not_here_keeps_the_one_chosen(panel, told):
    panel.use_record(record(model="somebody/else"))
    assert panel.value().model == "demo-base"
    assert "somebody/else" in told[0].text
    assert panel.problem() == ""


def test_the_list_is_saved_where_the_person_says(panel, tmp_path, told, qtbot):
    next(spec for spec in panel.action_specs() if spec.name == "save_prompts").run()
    dialog = panel.findChild(QFileDialog, "prompt_save_dialog")
    dialog.fileSelected.emit(str(tmp_path / "mine.txt"))
    dialog.close()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert "mine.txt" in told[0].text
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8").splitlines() == prompts(panel)


def test_a_folder_that_is_no_model_is_told_and_the_choice_stays(panel, tmp_path, told, qtbot):
    panel.form.model.activated.emit(panel.form.model.count() - 1)
    dialog = panel.findChild(QFileDialog, "prompt_model_dialog")
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told[0].level == "error"
    assert panel.value().model == "demo-base"


# --- what is possible, and what it costs -----------------------------------------------------------------------------


def test_what_is_not_possible_is_marked_at_its_field_and_nothing_typed_is_lost(panel, qtbot):
    panel.form.picture_size.set_text("130 × 128")
    qtbot.waitUntil(lambda: not panel.bar.generate.isEnabled())
    problem = panel.findChild(QLabel, "prompt_size_problem")
    assert problem.isVisible()
    assert "128 instead of 130" in problem.text() == panel.bar.sentence
    assert panel.form.picture_size.property("invalid") == "true"
    assert panel.value().width is None
    assert panel.draft().size == "130 × 128"
    panel.form.picture_size.set_text("144 × 128")
    qtbot.waitUntil(panel.bar.generate.isEnabled)
    assert not problem.isVisible()
    assert (panel.value().width, panel.value().height) == (144, 128)


@pytest.mark.parametrize(("text", "word"), [("x", "not a seed"), (str(2**63 - 1), "at most")])
def test_seeds_that_cannot_be_are_marked(panel, qtbot, text, word):
    panel.form.seed.line.clear()
    qtbot.keyClicks(panel.form.seed.line, text)
    qtbot.waitUntil(lambda: not panel.bar.generate.isEnabled())
    assert word in panel.findChild(QLabel, "prompt_seed_problem").text()
    asked: list[object] = []
    panel.generate_requested.connect(asked.append)
    panel.generate()
    assert asked == []


def test_a_lora_that_is_gone_is_marked(panel, models, qtbot):
    panel.form.loras.add(models[3].name)
    panel.form.loras.add("/gone/ink.safetensors")
    qtbot.waitUntil(lambda: "LoRA" in panel.bar.sentence, timeout=20_000)
    assert panel.findChild(QLabel, "prompt_lora_problem_1").text() == "This file is not there any more."
    panel.form.loras.set_value(panel.form.loras.value()[:1])
    qtbot.waitUntil(panel.bar.generate.isEnabled)
    assert panel.value().loras == (LoraUse(path=models[3].name, weight=1.0),)


def test_images_time_and_memory_are_foretold(make_panel, qtbot):
    past = record(width=128, height=128, num_inference_steps=25, guidance_scale=3.0, sampler="pndm", device="cpu",
                  precision="bf16", batch_size=2, denoise_s=7.0, decode_s=1.0)  # fmt: skip
    save_png(Image.new("RGB", (4, 4)), images_dir() / "past.png", past)
    with ImageIndex(index_file(), [images_dir()]) as index:
        index.refresh()
    panel = make_panel()
    qtbot.waitUntil(lambda: panel.bar.sentence.startswith("10 images · about 40 s · needs 0."), timeout=20_000)
    panel.form.count.setValue(6)
    qtbot.waitUntil(lambda: panel.bar.sentence.startswith("30 images · about 2 min"), timeout=20_000)


def test_more_memory_than_there_is_is_a_warning(panel, qtbot):
    panel.set_devices((GPU, CPU))
    panel.form.picture_size.set_text("4096 × 4096")
    qtbot.waitUntil(lambda: "of 8 GiB" in panel.bar.sentence, timeout=20_000)
    label = panel.findChild(QLabel, "prompt_sentence")
    qtbot.waitUntil(lambda: label.property("role") == "small-warning", timeout=20_000)
    assert panel.bar.generate.isEnabled()


def test_steps_recommended_by_one_model_become_those_of_the_next(panel, models, qtbot):
    (models[1].path / "sketchdesk.json").write_text('{"guidance_scale": 2.0, "num_inference_steps": 4}')
    panel.set_model(models[1].name)
    qtbot.waitUntil(lambda: panel.form.steps.value() == 4, timeout=20_000)
    assert panel.form.guidance.itemText(0) == "own: 2"
    panel.form.steps.setValue(9)
    panel.set_model("demo-base")
    qtbot.waitUntil(lambda: panel.form.guidance.itemText(0) == "own: 3", timeout=20_000)
    assert panel.form.steps.value() == 9


# --- kept and shown again --------------------------------------------------------------------------------------------


def test_everything_typed_is_there_again(make_panel, models, qtbot):
    first = make_panel()
    first.editor.model.add([PromptRow(prompt="a dog", count=3, sampler="heun")])
    first.form.prefix.setText("in ink,")
    first.form.picture_size.set_text("13 by 9")
    first.form.guidance.set_text("2.5")
    first.form.seed.set_seeds("1, x", True)
    first.form.loras.add(models[3].name)
    first.editor.entry.setText("half a pr")
    first.form.sampler.setCurrentIndex(3)
    draft = first.draft()
    first.shutdown()
    second = make_panel(is_ready=False)
    assert second.draft() == draft
    assert not second.editor.model.can_undo


def test_a_crash_loses_nothing_typed(panel, qtbot):
    qtbot.keyClicks(panel.editor.entry, "half a pr")
    panel.editor.view.choose([0])
    panel.editor.view.edit_current()
    line = panel.editor.view.findChild(type(panel.form.prefix), "prompt_row_edit")
    line.setText("")
    qtbot.keyClicks(line, "a boy da")
    qtbot.waitUntil(lambda: draft_file().is_file() and load_draft() == panel.draft(), timeout=20_000)
    kept = load_draft()
    assert (kept.entry, kept.rows[0].prompt) == ("half a pr", "a boy da")
    assert prompts(panel)[0] != "a boy da"


def test_a_disk_that_refuses_the_draft_is_told_once(panel, told, home, qtbot):
    draft_file().unlink(missing_ok=True)
    draft_file().mkdir()
    panel.form.prefix.setText("x")
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert str(draft_file()) in told[0].text
    draft_file().rmdir()
    panel.form.prefix.setText("y")
    qtbot.waitUntil(draft_file().is_file, timeout=20_000)
    assert len(told) == 1


def test_a_job_that_is_shown_is_the_job_that_is_asked_for(panel):
    job = GenerateJob(
        model="demo-base", prompts=(PromptRow(prompt="a"), PromptRow(prompt="b", seed=3)), out_dir="", count=4, seed=9,
        style_prefix="in ink,", negative_prompt="dogs", num_inference_steps=7, guidance_scale=2.0, sampler="ddim",
        width=64, height=48, device="cpu", precision="fp32", loras=(LoraUse(path="a", weight=-5), LoraUse(path="b")),
        style_suffix=", dusk", wildcards=False, prompt_weighting=False, clip_skip=2, guidance_rescale=0.7,
        init_image="/x/fox.png", strength=0.3, mask_image="/x/mask.png", embeddings=("/x/inky.pt", "/x/b.safetensors"),
        memory_savings=("sequential_guidance", "tiled_vae"), allow_pickle=True,
    )  # fmt: skip
    panel.set_value(job)
    shown = panel.value()
    for name in job.__struct_fields__:
        if name != "out_dir":
            assert getattr(shown, name) == getattr(job, name), name


def test_settings_say_where_images_go_and_what_a_first_start_computes_with(make_panel, tmp_path):
    panel = make_panel(Settings(images_dir=str(tmp_path / "mine"), device="cpu", precision="fp32", num_threads=2))
    job = panel.value()
    assert Path(job.out_dir).parent == tmp_path / "mine"
    assert (job.device, job.precision, job.num_threads) == ("cpu", "fp32", 2)


def test_the_state_of_the_panel_is_kept(panel, make_panel):
    panel.form.fold.set_open(True)
    other = make_panel()
    other.restore_state(panel.save_state())
    assert other.form.fold.is_open
    other.restore_state({"more_settings": "nonsense"})
    assert not other.form.fold.is_open


def test_the_language_is_switched_while_something_is_typed(panel, spanish):
    panel.form.picture_size.set_text("64 × 64")
    panel.editor.entry.setText("half")
    before = panel.draft()
    panel.retranslate()
    assert panel.draft() == before


def test_it_is_as_narrow_as_asked_and_scrolls_when_short(panel, qtbot):
    panel.form.fold.set_open(True)
    panel.resize(280, 420)
    qtbot.waitUntil(lambda: panel.height() == 420)
    assert panel.minimumSizeHint().width() <= 280
    bottom = panel.bar.queue.mapTo(panel, panel.bar.queue.rect().bottomRight())
    assert panel.rect().contains(bottom)
    inside = panel.findChild(type(panel.form), "prompt_form").parentWidget()
    assert inside.width() <= 280
    assert inside.height() > panel.height()


def test_every_control_has_a_name_for_tests_and_one_for_people(panel):
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QListView, QSpinBox

    for kind in (QAbstractButton, QComboBox, QListView, QSpinBox, QLineEdit):
        for control in panel.findChildren(kind):
            if control.objectName().startswith("qt_") or isinstance(control.parent(), QComboBox | QSpinBox):
                continue
            if control.parent().metaObject().className().startswith("QComboBoxPrivate"):
                continue
            assert control.objectName(), control
            assert control.accessibleName(), control.objectName()


@pytest.mark.skipif(os.name != "posix" or not hasattr(os, "geteuid"), reason="asks the system for its threads")
def test_nothing_runs_on_after_it_is_shut(make_panel, qtbot):
    import threading

    before = set(threading.enumerate())
    panel = make_panel()
    qtbot.waitUntil(lambda: panel.outlook.last is not None, timeout=20_000)
    panel.form.prefix.setText("x")
    panel.shutdown()
    assert set(threading.enumerate()) <= before
    panel.shutdown()
    assert load_draft().style_prefix == "x"


def test_a_lora_is_added_from_the_menu_or_a_file_weighed_and_taken_out(panel, models, tmp_path, make_weights, qtbot):
    other = make_weights(tmp_path / "other.safetensors", "a.lora_A.weight", "a.lora_B.weight")
    panel.form.fold.set_open(True)
    panel.form.fold.add_files.click()
    menu = panel.findChild(QMenu, "prompt_lora_menu")
    menu.actions()[0].trigger()
    menu.actions()[-1].trigger()
    dialog = panel.findChild(QFileDialog, "prompt_lora_dialog")
    dialog.filesSelected.emit([str(other)])
    dialog.close()
    menu.close()
    qtbot.waitUntil(lambda: len(panel.value().loras) == 2, timeout=20_000)
    panel.findChild(QDoubleSpinBox, "prompt_lora_weight_0").setValue(0.8)
    first, second = panel.value().loras
    assert (first, second.path) == (LoraUse(path=models[3].name, weight=0.8), str(other))
    panel.findChild(QToolButton, "prompt_lora_remove_0").click()
    assert panel.value().loras == (second,)


def test_actions_do_what_they_say_and_are_offered_when_they_can(panel):
    specs = {spec.name: spec for spec in panel.action_specs()}
    assert len(specs) == len(panel.action_specs())
    assert not specs["remove_prompts"].is_enabled()
    panel.editor.view.choose([0])
    assert specs["remove_prompts"].is_enabled()
    specs["remove_prompts"].run()
    assert len(prompts(panel)) == 4
    assert specs["undo_prompts"].is_enabled()
    specs["undo_prompts"].run()
    assert len(prompts(panel)) == 5
    seed = panel.value().seed
    specs["new_seed"].run()
    assert panel.value().seed != seed
