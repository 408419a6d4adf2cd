from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QSpinBox

from sketchdesk.contracts.events import DeviceFound
from sketchdesk.library.settings import Settings, load_settings
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.settings_dialog import SettingsDialog
from sketchdesk.workers.runner import JobRunner

GPU = DeviceFound(device="cuda:0", name="A card", memory_gib=15.0, precisions=("fp16",), preferred="fp16")


@pytest.fixture
def runner(qapp):
    runner = JobRunner()
    runner.set_devices([GPU])
    yield runner
    runner.shutdown()


def opened(qtbot, runner, settings: Settings = Settings()) -> tuple[SettingsDialog, SettingsStore]:  # noqa: B008
    store = SettingsStore(settings)
    dialog = SettingsDialog(runner, store)
    dialog.store_ = store
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog, store


def save(qtbot, dialog: SettingsDialog) -> None:
    qtbot.mouseClick(dialog.findChild(QPushButton, "settings_save_button"), Qt.MouseButton.LeftButton)


def test_what_is_saved_is_used_and_kept(qtbot, runner, tmp_path):
    dialog, store = opened(qtbot, runner)
    dialog.findChild(QLineEdit, "settings_folder").setText(str(tmp_path))
    theme = dialog.findChild(QComboBox, "settings_theme")
    theme.setCurrentIndex(theme.findData("dark"))
    device = dialog.findChild(QComboBox, "settings_device")
    device.setCurrentIndex(device.findData("cuda:0"))
    dialog.findChild(QSpinBox, "settings_threads").setValue(3)
    images = dialog.findChild(QComboBox, "settings_format")
    images.setCurrentIndex(images.findData("webp"))
    save(qtbot, dialog)
    assert store.value == load_settings()
    assert store.value.image_format == "webp"
    assert store.value.images_folder == tmp_path
    assert (store.value.theme, store.value.device, store.value.num_threads) == ("dark", "cuda:0", 3)


@pytest.mark.parametrize("text", ["pictures", "\0", "~nobody-of-that-name/x"])
def test_a_folder_that_cannot_be_is_refused_with_the_reason(qtbot, runner, text):
    dialog, store = opened(qtbot, runner)
    dialog.findChild(QLineEdit, "settings_folder").setText(text)
    assert dialog.form.problem
    assert not dialog.findChild(QPushButton, "settings_save_button").isEnabled()
    dialog.accept()
    assert dialog.isVisible()
    assert store.value == Settings()


def test_a_file_is_no_folder(qtbot, runner, tmp_path):
    (tmp_path / "file").touch()
    dialog, _store = opened(qtbot, runner)
    dialog.findChild(QLineEdit, "settings_folder").setText(str(tmp_path / "file"))
    assert "file" in dialog.form.problem
    dialog.findChild(QLineEdit, "settings_folder").setText(str(tmp_path / "new"))
    assert dialog.form.problem == ""


def test_what_changed_elsewhere_meanwhile_is_left_alone(qtbot, runner):
    dialog, store = opened(qtbot, runner)
    store.change(model_paths=("/a/model",))
    dialog.findChild(QSpinBox, "settings_threads").setValue(2)
    save(qtbot, dialog)
    assert store.value.model_paths == ("/a/model",)
    assert store.value.num_threads == 2


def test_the_defaults_come_back(qtbot, runner):
    dialog, store = opened(qtbot, runner, Settings(images_dir=str(Path.home()), num_threads=7, device="mps"))
    qtbot.mouseClick(dialog.findChild(QPushButton, "settings_defaults_button"), Qt.MouseButton.LeftButton)
    save(qtbot, dialog)
    assert store.value == Settings()


def test_cancel_changes_nothing(qtbot, runner):
    dialog, store = opened(qtbot, runner)
    dialog.findChild(QSpinBox, "settings_threads").setValue(9)
    qtbot.mouseClick(dialog.findChild(QPushButton, "settings_cancel_button"), Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert store.value == Settings()
