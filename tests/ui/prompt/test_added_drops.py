"""Weight files dropped on the panel: added as what they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from sketchdesk.contracts.jobs import ConvertJob, LoraUse
from sketchdesk.ui.prompt.added_drops import weights_of


@pytest.fixture
def files(tmp_path: Path, make_weights) -> dict[str, Path]:
    return {
        "lora": make_weights(tmp_path / "ink.safetensors", "a.lora_A.weight", "a.lora_B.weight"),
        "word": make_weights(tmp_path / "inky.safetensors", "<inky>"),
    }


def test_loras_words_and_prompts_are_dropped_together(panel, files, tmp_path, qtbot):
    (tmp_path / "a.txt").write_text("one\n", encoding="utf-8")
    panel.open_lists([files["lora"], tmp_path / "a.txt", files["word"], files["lora"]])
    qtbot.waitUntil(lambda: bool(panel.value().embeddings) and len(panel.value().prompts) == 6, timeout=20_000)
    assert panel.value().loras == (LoraUse(path=str(files["lora"])),)
    assert panel.value().embeddings == (str(files["word"]),)
    assert "inky" in panel.findChild(QLabel, "prompt_words_hint").text()
    panel.findChild(object, "prompt_word_remove_0").click()
    assert panel.value().embeddings == ()
    assert panel.form.words.isHidden()


def test_one_that_cannot_be_read_is_told_at_its_row(panel, tmp_path, qtbot):
    (tmp_path / "cut.safetensors").write_bytes(b"x")
    panel.open_lists([tmp_path / "cut.safetensors"])
    qtbot.waitUntil(lambda: not panel.bar.generate.isEnabled(), timeout=20_000)
    assert panel.findChild(QLabel, "prompt_lora_problem_0").text() == "This file is broken or cut short."
    panel.findChild(object, "prompt_lora_remove_0").click()
    qtbot.waitUntil(panel.bar.generate.isEnabled, timeout=20_000)


def test_an_old_kind_of_file_waits_for_leave(panel, tmp_path, qtbot):
    (tmp_path / "inky.pt").write_bytes(b"x")
    panel.open_lists([tmp_path / "inky.pt"])
    qtbot.waitUntil(lambda: not panel.bar.generate.isEnabled(), timeout=20_000)
    assert "More settings" in panel.findChild(QLabel, "prompt_word_problem_0").text()
    panel.form.fold.checks["allow_pickle"].click()
    qtbot.waitUntil(panel.bar.generate.isEnabled, timeout=20_000)
    assert panel.value().allow_pickle


def test_an_old_file_is_told_by_its_name(tmp_path):
    assert weights_of(tmp_path / "my_lora.pt").added == "lora"
    assert weights_of(tmp_path / "inky.bin").added == "embedding"


def test_a_whole_model_of_an_old_kind_is_offered_to_be_converted(panel, tmp_path, qtbot):
    old = tmp_path / "old.ckpt"
    with old.open("wb") as file:
        file.truncate(2 * 2**30)  # a sparse file: large in name only
    with qtbot.waitSignal(panel.message, timeout=20_000) as told:
        panel.open_lists([old])
    with qtbot.waitSignal(panel.convert_requested) as wished:
        told.args[0].action()
    assert wished.args == [ConvertJob(path=str(old))]
    assert panel.value().embeddings == ()
