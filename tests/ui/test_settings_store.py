"""The settings in use: told and on disk when the call returns, and told when they could not be saved."""

from __future__ import annotations

import pytest

from sketchdesk.library.files.locking import only_one
from sketchdesk.library.paths import settings_file
from sketchdesk.library.settings import Settings, load_settings
from sketchdesk.ui import settings_store
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


def test_the_window_does_not_wait_for_who_holds_the_file_and_writes_all_once_it_is_free(qtbot, home):
    store = SettingsStore(Settings())
    with only_one(settings_file()), qtbot.assertNotEmitted(store.message):
        store.change(theme="dark", num_threads=2)
        store.change(theme="light")
        assert load_settings() == Settings()
    qtbot.waitUntil(lambda: load_settings() == store.value == Settings(theme="light", num_threads=2))


def test_who_holds_the_file_for_too_long_is_told_and_the_next_change_is_tried(qtbot, home, monkeypatch):
    monkeypatch.setattr(settings_store, "TRIES", 2)
    store = SettingsStore(Settings())
    with only_one(settings_file()), qtbot.waitSignal(store.message) as told:
        store.change(theme="dark")
    assert "another program" in told.args[0].details
    store.change(num_threads=2)
    assert load_settings() == Settings(num_threads=2)


def test_what_waits_when_the_window_closes_is_written_all_the_same(qtbot, home):
    store = SettingsStore(Settings())
    with only_one(settings_file()):
        store.change(theme="dark")
        store.shutdown()
    qtbot.waitUntil(lambda: load_settings() == Settings(theme="dark"))
