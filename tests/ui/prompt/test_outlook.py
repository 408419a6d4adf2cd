"""What is foretold of drawings from pictures and of files that are added."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtWidgets import QLabel

from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.ui.prompt.outlook import Question, answer


@pytest.fixture
def ask(models):
    def asked(**more):
        rows = (PromptRow(prompt="a {red|blue} fox", count=3),)
        job = GenerateJob(model="demo-base", prompts=rows, out_dir="", **more)
        return answer(Question(job, models[0].path, "cpu", "fp32"), {})

    return asked


def test_a_choice_in_a_prompt_makes_no_more_images(ask):
    assert ask(wildcards=True).forecast.images == ask().forecast.images == 3


def test_a_picture_to_begin_with_is_drawn_at_its_own_size(ask, tmp_path: Path):
    Image.new("RGB", (192, 128)).save(tmp_path / "wide.png")
    from_it = ask(init_image=str(tmp_path / "wide.png")).forecast
    assert from_it.memory_gib == ask(width=192, height=128).forecast.memory_gib
    assert ask(init_image=str(tmp_path / "gone.png")).forecast.images == 3


def test_files_that_cannot_be_used_are_told(ask, models):
    outlook = ask(loras=(LoraUse(path=models[3].name), LoraUse(path="/gone/ink.safetensors")))
    assert list(outlook.problems) == ["/gone/ink.safetensors"]


def test_what_counts_for_nothing_is_said_at_its_field_and_hinders_nothing(panel, qtbot):
    panel.editor.entry.setText("a fox")
    panel.form.fold.negative.setText("blurry")
    panel.form.fold.rescale.setValue(0.5)
    panel.form.guidance.set_text("1")
    labels = [panel.findChild(QLabel, name) for name in ("prompt_negative_remark", "prompt_rescale_remark")]
    qtbot.waitUntil(lambda: not any(label.isHidden() for label in labels))
    assert all("guidance above 1" in label.text() for label in labels)
    assert panel.problem() == ""
    panel.form.guidance.set_text("3")
    qtbot.waitUntil(lambda: all(label.isHidden() for label in labels))


def test_a_learnt_word_that_no_prompt_calls_is_told_at_the_words(panel, qtbot, make_weights, tmp_path):
    panel.form.add_file("embedding", str(make_weights(tmp_path / "sks.safetensors", "emb_params")))
    panel.editor.entry.setText("a fox")
    hint = panel.findChild(QLabel, "prompt_words_hint")
    qtbot.waitUntil(lambda: "No prompt calls" in hint.text())
    panel.editor.entry.setText("a fox in SKS")
    qtbot.waitUntil(lambda: "write them in a prompt" in hint.text())


def test_what_a_model_cannot_do_is_told_at_the_field_before_it_is_drawn(panel, models, qtbot, tmp_path):
    folder = models[0].path
    (folder / "text_encoder" / "config.json").write_text('{"num_hidden_layers": 4}')
    panel.set_models(models)
    panel.editor.entry.setText("a fox")
    panel.form.fold.clip_skip.setValue(4)
    problem = panel.findChild(QLabel, "prompt_clip_skip_problem")
    qtbot.waitUntil(lambda: "at most 3" in problem.text())
    assert "at most 3" in panel.problem()
    panel.form.fold.clip_skip.setValue(3)
    qtbot.waitUntil(lambda: problem.isHidden() and panel.problem() == "")

    unet = folder / "unet" / "config.json"
    unet.write_text(unet.read_text().replace("{", '{"in_channels": 9, ', 1))
    panel.set_models(models)
    qtbot.waitUntil(lambda: "a picture and a mask" in panel.problem())
    assert "a picture and a mask" in panel.findChild(QLabel, "prompt_model_problem").text()
    Image.new("RGB", (32, 32)).save(tmp_path / "p.png")
    panel.form.start.set_value(str(tmp_path / "p.png"), str(tmp_path / "p.png"), None)
    qtbot.waitUntil(lambda: panel.findChild(QLabel, "prompt_model_problem").isHidden())
