from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSortFilterProxyModel, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QPushButton, QTextBrowser
from safetensors.numpy import save_file

from sketchdesk.contracts.jobs import ConvertJob, GenerateJob, PromptRow
from sketchdesk.library.models import installed as models
from sketchdesk.library.models import own_models
from sketchdesk.library.models.installed import list_models
from sketchdesk.library.runs.runs import create_run
from sketchdesk.library.settings import Settings, load_settings
from sketchdesk.ui.models.models_tab import ModelsTab, build_tab
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.turns import whole
from sketchdesk.workers.runner import JobRunner


def network(folder: Path, numbers: int = 100, model_type: str = "clip") -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    save_file({"a": np.zeros(numbers, np.float32)}, folder / "model.safetensors")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# A card\nIt says something.")
    return folder


def pipeline(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text(
        json.dumps({"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"]})
    )
    network(folder / "unet", 3000)
    return folder


@pytest.fixture
def tab(qtbot, home, monkeypatch):
    monkeypatch.setattr(models, "SHIPPED", ())
    runner = JobRunner()
    store = SettingsStore(Settings())
    tab = whole(build_tab(runner, store))
    qtbot.addWidget(tab)
    tab.resize(1200, 700)
    tab.told = []
    tab.message.connect(tab.told.append)
    tab.models_changed.connect(lambda: tab.set_models(list_models()))
    tab.show()
    yield tab
    tab.shutdown()
    runner.shutdown()


def press(qtbot, tab: ModelsTab, name: str) -> None:
    button = tab.findChild(QPushButton, name)
    assert button.isVisible(), name
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def rows(tab: ModelsTab) -> list[list[str]]:
    proxy = tab.findChild(QSortFilterProxyModel)
    return [[proxy.index(row, column).data() for column in range(8)] for row in range(proxy.rowCount())]


def test_without_models_it_says_what_they_are_for(tab):
    tab.set_models([])
    assert tab.findChild(QPushButton, "models_empty_button").isVisible()
    assert not tab._details.isVisible()


def test_the_table_tells_what_is_known_of_each_model(qtbot, tab, home):
    folder = pipeline(home / "models" / "mine")
    (home / "models" / "old.ckpt").write_bytes(b"x" * 2048)
    rows_of = (PromptRow(prompt="a cat"),)
    create_run(GenerateJob(model=str(folder), prompts=rows_of, out_dir="out"))
    tab.set_models(list_models())
    qtbot.waitUntil(lambda: rows(tab)[0][7] == "1", timeout=20_000)
    assert rows(tab)[0][:4] == ["mine", "Stable Diffusion", "your own", "12 KiB"]
    assert rows(tab)[1][0] == "old.ckpt"
    tab.select(str(home / "models" / "old.ckpt"))
    assert "format that can run code" in tab._details._problem.text()
    assert not tab._details.can("use")


def test_the_card_is_shown_and_the_model_can_be_chosen_for_drawing(qtbot, tab, home):
    folder = pipeline(home / "models" / "mine")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Mine\nIt draws.")
    tab.set_models(list_models())
    qtbot.waitUntil(lambda: "It draws." in tab.findChild(QTextBrowser, "model_card").toPlainText(), timeout=20_000)
    assert "license" not in tab.findChild(QTextBrowser, "model_card").toPlainText()
    with qtbot.waitSignal(tab.model_chosen) as chosen:
        press(qtbot, tab, "model_use_button")
    assert chosen.args == [str(folder)]


def test_verifying_says_whether_a_model_is_whole(qtbot, tab, home):
    folder = network(home / "models" / "mine")
    tab.set_models(list_models())
    press(qtbot, tab, "model_verify_button")
    qtbot.waitUntil(lambda: len(tab.told) == 1, timeout=20_000)
    assert tab.told[0].level == "good"
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-50])
    press(qtbot, tab, "model_verify_button")
    qtbot.waitUntil(lambda: len(tab.told) == 2, timeout=20_000)
    assert tab.told[1].level == "error"


def drop(tab: ModelsTab, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy, left, none = QPoint(50, 50), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier(0)
    enter = QDragEnterEvent(at, copy, data, left, none)
    QApplication.sendEvent(tab, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(tab, QDropEvent(QPointF(at), copy, data, left, none))


def test_a_dropped_model_is_copied_removed_to_the_trash_and_brought_back(qtbot, tab, home, tmp_path):
    source = network(tmp_path / "theirs")
    tab.set_models([])
    drop(tab, source)
    press(qtbot, tab, "model_add_copy_button")
    qtbot.waitUntil(lambda: bool(rows(tab)), timeout=20_000)
    copy = home / "models" / "theirs"
    assert tab._details.entry.path == copy
    press(qtbot, tab, "model_remove_button")
    assert not copy.exists()
    assert rows(tab) == []
    undo = tab.told[-1]
    assert undo.action_text == "Undo"
    undo.action()
    assert (copy / "model.safetensors").read_bytes() == (source / "model.safetensors").read_bytes()
    assert [row[0] for row in rows(tab)] == ["theirs"]


def test_a_model_can_be_used_where_it_lies_and_is_only_forgotten(qtbot, tab, tmp_path):
    source = network(tmp_path / "theirs")
    tab.set_models([])
    drop(tab, source)
    press(qtbot, tab, "model_add_link_button")
    qtbot.waitUntil(lambda: bool(rows(tab)), timeout=20_000)
    assert load_settings().model_paths == (str(source),)
    press(qtbot, tab, "model_remove_button")
    assert load_settings().model_paths == ()
    assert (source / "config.json").is_file()
    tab.told[-1].action()
    assert load_settings().model_paths == (str(source),)


def test_what_is_no_model_is_refused_with_the_reason(qtbot, tab, tmp_path):
    tab.set_models([])
    (tmp_path / "junk.safetensors").write_bytes(b"x")
    drop(tab, tmp_path / "junk.safetensors")
    press(qtbot, tab, "model_add_copy_button")
    qtbot.waitUntil(lambda: bool(tab.told), timeout=20_000)
    assert tab.told[0].level == "error"
    assert not tab._bar.isVisible()


def test_a_copy_can_be_canceled_and_leaves_nothing(qtbot, tab, home, tmp_path, monkeypatch):
    monkeypatch.setattr(own_models, "CHUNK_BYTES", 1)
    source = network(tmp_path / "large", 1_000_000)
    tab.set_models([])
    drop(tab, source)
    press(qtbot, tab, "model_add_copy_button")
    press(qtbot, tab, "model_add_cancel_button")
    qtbot.waitUntil(lambda: bool(tab.told), timeout=20_000)
    assert "canceled" in tab.told[0].text
    assert list((home / "models").iterdir()) == []


def test_the_splitter_and_the_order_are_remembered(tab):
    tab.restore_state({"splitter": [700, 400], "sort": 3, "down": True})
    state = tab.save_state()
    assert (state["sort"], state["down"]) == (3, True)
    tab.restore_state({"splitter": "x", "sort": 99, "down": 3})
    assert tab.save_state()["sort"] == 3


def test_an_old_kind_of_file_is_offered_to_be_converted_wherever_it_lies(tab, qtbot, tmp_path, home):
    old = tmp_path / "old.ckpt"
    old.write_bytes(b"a pickle")
    tab.add(old)
    assert not tab.findChild(QPushButton, "model_add_copy_button").isVisible()
    with qtbot.waitSignal(tab.convert_requested) as wished:
        press(qtbot, tab, "model_add_convert_button")
    assert wished.args == [ConvertJob(path=str(old))]
    own = models.models_dir() / "mine.bin"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"a pickle")
    tab.set_models(list_models())
    assert tab.select(str(own))
    with qtbot.waitSignal(tab.convert_requested) as wished:
        press(qtbot, tab, "model_convert_button")
    assert wished.args == [ConvertJob(path=str(own))]
    assert old.read_bytes() == own.read_bytes() == b"a pickle"
