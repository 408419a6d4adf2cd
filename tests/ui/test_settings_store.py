"""The settings in use: told and on disk when the call returns, and told when they could not be saved."""

from __future__ import annotations

import pytest

from sketchdesk.library.settings import Settings, load_settings
from sketchdesk.ui.settings_store import SettingsStore


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("SKETCHDESK_HOME", str(folder))
    return folder


def test_a_change_is_told_and_can_be_read_at_once(qtbot, home):
    store = SettingsStore(Settings())
    with qtbot.waitSignal(store.changed) as told:
        store.change(theme="dark", precision="fp32")
    assert told.args == [store.value]
    assert load_settings() == store.value == Settings(theme="dark", precision="fp32")


def test_the_last_of_many_changes_stays(qtbot, home):
    store = SettingsStore(Settings())
    for threads in range(1, 30):
        store.change(num_threads=threads)
    assert load_settings().num_threads == 29


def test_what_is_the_same_is_no_change(qtbot, home):
    store = SettingsStore(Settings(theme="dark"))
    with qtbot.assertNotEmitted(store.changed):
        store.change(theme="dark")
    assert not (home / "settings.json").exists()


def test_what_cannot_be_saved_counts_all_the_same_and_is_told(qtbot, home):
    home.write_text("a file where the folder should be", encoding="utf-8")
    store = SettingsStore(Settings())
    with qtbot.waitSignal(store.message) as told:
        store.change(theme="dark")
    assert told.args[0].text
    assert store.value.theme == "dark"
