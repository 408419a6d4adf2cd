from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QTabBar,
    QToolButton,
)

import sketchdesk
from sketchdesk.contracts import text
from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow, StudyJob, StudyModel, TrainJob
from sketchdesk.library.devices import load_devices
from sketchdesk.library.drawing.unsaved import unsaved_images
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.runs.state import RunState
from sketchdesk.library.settings import Settings, load_settings
from sketchdesk.ui import language
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING
from sketchdesk.ui.theme.manager import tokens

CONTROLS = (QAbstractButton, QLineEdit, QAbstractItemView, QAbstractSpinBox, QComboBox)


def child(window: MainWindow, kind: type, name: str):
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def press(qtbot, window: MainWindow, name: str) -> None:
    button = child(window, QAbstractButton, name)
    assert button.isVisible(), name
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def job(home: Path, prompt: str = "a zebra", count: int = 3) -> GenerateJob:
    rows = (PromptRow(prompt=prompt),)
    return GenerateJob(model="demo-base", prompts=rows, out_dir=str(home / "images"), count=count)


def draw(window: MainWindow, *jobs: GenerateJob) -> list[str]:
    before = window._runner.job_ids()
    window.prompt.generate_requested.emit(list(jobs))
    return [job_id for job_id in window._runner.job_ids() if job_id not in before]


def wait_for(qtbot, window: MainWindow, job_id: str, state: RunState, timeout=30_000) -> None:
    qtbot.waitUntil(lambda: window._runner.state(job_id) is state, timeout=timeout)


def wait_message(qtbot, window: MainWindow, words: str) -> None:
    qtbot.waitUntil(lambda: words in window.messages.text, timeout=30_000)


def test_a_window_that_is_closed_before_it_began_says_so_and_begins_nothing(qtbot, make_window):
    window = make_window()
    with qtbot.waitSignal(window.closed):
        window.close()
    window.start()
    assert window.is_closed
    assert not window.findChildren(QDialog)  # no welcome over nothing


# --- drawing ---------------------------------------------------------------------------------------------------------


def test_a_drawing_fills_the_gallery_and_says_when_it_is_done(qtbot, make_window, home):
    window = make_window("studio")
    (job_id,) = draw(window, job(home))
    wait_for(qtbot, window, job_id, RunState.DONE)
    wait_message(qtbot, window, "drawn")
    assert window.messages.current.level == "good"
    qtbot.waitUntil(lambda: window.gallery.cells.rowCount() == 3, timeout=20_000)


def test_what_is_drawn_now_goes_before_what_waits(make_window, home):
    window = make_window("steps")
    (working,) = draw(window, job(home, "one"))
    window.prompt.queue_requested.emit([job(home, "later")])
    (later,) = [job_id for job_id in window._runner.job_ids() if job_id != working]
    first, second = draw(window, job(home, "base"), job(home, "tuned"))
    waiting = [job_id for job_id in window._runner.job_ids() if job_id != working]
    assert waiting == [first, second, later]


def test_the_strip_shows_pauses_and_stops_what_is_at_work(qtbot, make_window, home):
    window = make_window("steps")
    working, _waiting = draw(window, job(home, "one"), job(home, "two"))
    qtbot.waitUntil(lambda: "of 100,000" in window.strip._progress.full_text, timeout=30_000)
    assert "one" in window.strip._title.full_text
    assert window.strip._others.text() == "1 waiting"
    press(qtbot, window, "strip_hold_button")
    assert window._runner.state(working) is RunState.PAUSED
    qtbot.waitUntil(lambda: child(window, QPushButton, "strip_hold_button").text() == "Resume")
    press(qtbot, window, "strip_hold_button")
    assert window._runner.state(working) is RunState.RUNNING
    press(qtbot, window, "strip_stop_button")
    wait_for(qtbot, window, working, RunState.CANCELED)
    qtbot.waitUntil(lambda: "two" in window.strip._title.full_text)


def test_two_devices_work_side_by_side_and_the_strip_says_so(qtbot, make_window, home):
    window = make_window("steps")
    draw(window, job(home, "one"), GenerateJob(**{**_fields(job(home, "two")), "device": "mps"}))
    qtbot.waitUntil(lambda: window.strip._others.text() == "+1 at work", timeout=20_000)


def _fields(value: GenerateJob) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


def test_a_dead_engine_is_told_and_the_next_job_is_done(qtbot, make_window, home, monkeypatch, tmp_path):
    monkeypatch.setenv("FAKE_ENGINE_MARKER", str(tmp_path / "died"))
    window = make_window("dies_once")
    savings = ("sequential_guidance", "sliced_attention", "tiled_vae")
    least = {"batch_size": 1, "memory_savings": savings}  # with any more memory it would go on by itself
    (doomed,) = draw(window, GenerateJob(**{**_fields(job(home)), **least}))
    wait_for(qtbot, window, doomed, RunState.FAILED)
    assert "SIGKILL" in window.messages.text
    assert window.messages.current.level == "error"
    (next_one,) = draw(window, job(home))
    wait_for(qtbot, window, next_one, RunState.DONE)
    assert window.messages.current.level == "error"


def test_a_drawing_whose_engine_the_system_ends_goes_on_and_says_so(qtbot, make_window, home, monkeypatch, tmp_path):
    monkeypatch.setenv("FAKE_ENGINE_MARKER", str(tmp_path / "died"))
    window = make_window("dies_once")
    (doomed,) = draw(window, GenerateJob(**{**_fields(job(home)), "count": 4}))
    # Until another engine is up; what comes of the drawing is told in its place then.
    qtbot.waitUntil(lambda: "it goes on with less: 1 picture at a time" in window.messages.text, timeout=20_000)
    wait_for(qtbot, window, doomed, RunState.DONE)


def test_a_disk_that_refuses_a_job_is_told_and_nothing_typed_is_lost(make_window, home):
    window = make_window()
    (home / "runs").write_text("a file where the folder should be")
    before = window.prompt.value()
    draw(window, job(home))
    assert "cannot be written" in window.messages.text
    assert window._runner.job_ids() == []
    assert window.prompt.value() == before


# --- from one part to another ----------------------------------------------------------------------------------------


def test_every_kind_of_job_goes_to_the_queue(make_window, home):
    window = make_window("steps")
    window.training.train_requested.emit(TrainJob(model="demo-base", dataset="demo-sketch", out_dir=str(home)), "mine")
    models = (StudyModel(name="base", model="demo-base"), StudyModel(name="tuned", model="x"))
    window.evaluation.study_requested.emit(StudyJob(title="Both", out_dir=str(home), prompts=("a",), models=models))
    model = window.queue.model
    assert [model.title(job_id) for job_id in window._runner.job_ids()] == ["Train “mine”", "Study “Both”"]


def test_a_chosen_model_and_a_pictures_settings_land_in_the_prompt_panel(qtbot, make_window, home):
    window = make_window("studio")
    (job_id,) = draw(window, job(home, "a giraffe", 1))
    wait_for(qtbot, window, job_id, RunState.DONE)
    record = read_record(next((home / "images").glob("*.png")))
    window.frame.show_page(MODELS)
    window.gallery.settings_requested.emit(record)
    assert window.frame.page == GALLERY
    assert [row.prompt for row in window.prompt.value().prompts] == ["a giraffe"]
    window.gallery.seed_requested.emit(4321)
    assert window.prompt.value().seed == 4321
    window.gallery.doings.start_wished.emit(home / "images" / "fox.png")
    assert window.prompt.value().init_image == str(home / "images" / "fox.png")
    window.models.model_chosen.emit("a/model")
    assert window.prompt.value().model == "a/model"
    lora = LoraUse(path="/training/ink/lora/ink.safetensors", weight=1.0)
    window.training.lora_chosen.emit("demo-base", lora.path)
    assert (window.prompt.value().model, window.prompt.value().loras) == ("demo-base", (lora,))


def test_the_devices_that_are_found_are_kept_for_the_next_start(qtbot, make_window):
    window = make_window("studio")
    with qtbot.waitSignal(window._runner.devices_known, timeout=30_000):
        window.start()
    found, fresh = load_devices()
    assert fresh
    assert window._runner.devices == found
    again = make_window("stubborn")
    again.start()
    assert again._runner.devices == found


def test_the_next_window_offers_what_was_interrupted(qtbot, make_window, home):
    first = make_window("steps")
    (job_id,) = draw(first, job(home))
    with qtbot.waitSignal(first._runner.step_done, timeout=30_000):
        pass
    first.close()
    second = make_window("studio")
    second.start()
    wait_message(qtbot, second, "1 job was interrupted")
    press(qtbot, second, "message_action_button")
    assert second.queue.selected == job_id
    press(qtbot, second, "queue_hold_button")
    wait_for(qtbot, second, job_id, RunState.DONE)


def test_the_next_window_offers_what_was_drawn_without_keeping_it(qtbot, make_window, home):
    first = make_window("studio")
    (job_id,) = draw(first, msgspec.structs.replace(job(home), keep=False))
    wait_for(qtbot, first, job_id, RunState.DONE)
    waiting = unsaved_images()
    assert waiting
    first.close()
    assert unsaved_images() == waiting
    second = make_window("studio")
    second.start()
    wait_message(qtbot, second, "without keeping")
    press(qtbot, second, "message_action_button")
    assert second.frame.page == GALLERY
    qtbot.waitUntil(lambda: len(second.gallery.cells.ids) == len(waiting))
    assert second.gallery.filters.value().unsaved


def test_a_deleted_data_folder_is_made_again_and_drawing_goes_on(qtbot, make_window, home):
    window = make_window("studio")
    window.start()
    while home.exists():  # what starts may still be writing there
        shutil.rmtree(home, ignore_errors=True)
    window.watch.look()
    wait_message(qtbot, window, "was deleted; it was made again")
    (job_id,) = draw(window, job(home))
    wait_for(qtbot, window, job_id, RunState.DONE)
    assert (home / "runs" / job_id).is_dir()


# --- the list of jobs ------------------------------------------------------------------------------------------------


def test_the_buttons_of_the_list_offer_what_is_possible(qtbot, make_window, home):
    window = make_window("steps")
    working, waiting = draw(window, job(home, "one"), job(home, "two"))
    qtbot.mouseClick(window.strip, Qt.MouseButton.LeftButton)
    names = ("stop", "hold", "up", "down", "remove", "clear")
    buttons = {name: child(window, QPushButton, f"queue_{name}_button") for name in names}

    def possible() -> set[str]:
        return {name for name, button in buttons.items() if button.isEnabled()}

    window.queue.select(working)
    assert possible() == {"stop", "hold"}
    window.queue.select(waiting)
    assert possible() == {"stop", "up", "down", "remove"}
    (third,) = draw(window, job(home, "three"))
    assert window._runner.job_ids() == [working, third, waiting]
    window.queue.select(third)
    press(qtbot, window, "queue_down_button")
    assert window._runner.job_ids() == [working, waiting, third]
    assert window.queue.selected == third
    press(qtbot, window, "queue_stop_button")
    qtbot.waitUntil(lambda: possible() == {"hold", "remove", "clear"})
    press(qtbot, window, "queue_clear_button")
    assert window._runner.job_ids() == [working, waiting]


# --- pages, memory, closing ------------------------------------------------------------------------------------------


def test_the_pages_have_keys_and_the_prompt_panel_belongs_to_the_gallery(qtbot, make_window):
    window = make_window()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for key, page in (("2", TRAINING), ("3", EVALUATION), ("4", MODELS), ("1", GALLERY)):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.frame.page == page
        assert window.prompt.isVisible() is (page == GALLERY)
    qtbot.keyClick(window, "b", Qt.KeyboardModifier.ControlModifier)
    assert not window.prompt.isVisible()
    qtbot.keyClick(window, "b", Qt.KeyboardModifier.ControlModifier)
    assert window.prompt.isVisible()


def test_the_next_window_looks_as_this_one_did(make_window):
    first = make_window()
    first.resize(1000, 701)
    first.frame.toggle_prompt()
    first.frame.show_queue(True)
    first.frame.show_page(MODELS)
    first.close()
    second = make_window()
    assert second.height() == 701
    assert second.frame.page == MODELS
    assert not second.frame.prompt_is_shown
    assert second.queue.isVisible()


@pytest.mark.parametrize(
    "damage", ["{", '{"frame": {"page": 99, "desk": ["x"], "queue": 3}, "window": {"geometry": "!"}}']
)
def test_a_damaged_memory_is_a_new_window(make_window, home, damage):
    (home / "window.json").write_text(damage)
    window = make_window()
    assert window.frame.page == GALLERY
    assert window.prompt.isVisible()


def test_quitting_while_a_job_works_asks_first(qtbot, make_window, home):
    window = make_window("steps")
    window.asks_before_quitting = True
    draw(window, job(home))
    assert not window.close()
    assert window.isVisible()
    box = child(window, QMessageBox, "quit_box")
    child(box, QPushButton, "quit_now_button").click()
    qtbot.waitUntil(lambda: not window.isVisible())


# --- dialogs ---------------------------------------------------------------------------------------------------------


def test_the_first_start_explains_itself_until_it_is_told_not_to(qtbot, make_window):
    window = make_window("studio")
    window.start()
    welcome = child(window, QDialog, "welcome")
    assert welcome.isVisible()
    child(welcome, QAbstractButton, "welcome_again_box").click()
    child(welcome, QPushButton, "welcome_train_button").click()
    assert not welcome.isVisible()
    assert window.frame.page == TRAINING
    window.close()
    second = make_window("studio")
    second.start()
    assert second.findChild(QDialog, "welcome") is None
    child(second, QAction, "welcome_action").trigger()
    assert child(second, QDialog, "welcome").isVisible()


def test_the_palette_finds_actions_and_searches_the_gallery(qtbot, make_window):
    window = make_window()
    press(qtbot, window, "search_button")
    field = child(window, QLineEdit, "palette_field")
    qtbot.keyClicks(field, "models")
    assert "Models" in window.palette_box.titles
    field.setText("Theme: Dark")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert load_settings().theme == "dark"
    assert tokens().dark
    child(window, QAction, "theme_light_action").trigger()
    assert not tokens().dark


def test_about_names_the_version(make_window):
    window = make_window()
    child(window, QAction, "about_action").trigger()
    box = child(window, QMessageBox, "about_box")
    assert sketchdesk.__version__ in box.text()
    box.close()


def test_a_setting_that_is_saved_is_used_at_once(make_window, tmp_path):
    window = make_window()
    child(window, QAction, "settings_action").trigger()
    dialog = child(window, QDialog, "settings_dialog")
    child(dialog, QLineEdit, "settings_folder").setText(str(tmp_path))
    child(dialog, QPushButton, "settings_save_button").click()
    assert Path(window.prompt.value().out_dir).is_relative_to(tmp_path)


# --- names and languages ---------------------------------------------------------------------------------------------


def have_late_tabs(window: MainWindow) -> None:
    for page in (MODELS, EVALUATION):
        window.frame.show_page(page)


def own(window: MainWindow, kind: type) -> list:
    """The controls of ours: without the parts Qt makes of its own."""
    return [w for w in window.findChildren(kind) if not w.objectName().startswith("qt_") and not _is_inner(w)]


def _is_inner(widget: object) -> bool:
    """A spin box's or an editable combo box's own line, the list of a combo box, a table's corner and headers."""
    parent = widget.parent()
    if isinstance(widget, QHeaderView) or isinstance(parent, QTabBar):
        return True
    held = isinstance(parent, QAbstractSpinBox | QComboBox | QLineEdit) or "QComboBoxPrivate" in type(parent).__name__
    corner = isinstance(parent, QAbstractItemView) and isinstance(widget, QAbstractButton)
    return held or corner or (parent is not None and parent.inherits("QComboBoxPrivateContainer"))


def test_every_control_has_a_name_for_tests_and_one_for_screen_readers(make_window):
    window = make_window()
    have_late_tabs(window)
    controls = {w for kind in CONTROLS for w in own(window, kind)}
    assert len(controls) > 60
    assert sorted(f"{type(w).__name__} in {w.parent().objectName()}" for w in controls if not w.objectName()) == []
    assert sorted(w.objectName() for w in controls if not w.accessibleName()) == []
    names = Counter(w.objectName() for w in controls)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_key_of_the_whole_window_means_two_things(make_window):
    window = make_window()
    have_late_tabs(window)
    specs = [entry.spec for entry in window._book.entries if entry.spec.shortcut]
    everywhere = Counter(key for spec in specs if spec.owner is None for key in spec.shortcut.split("; "))
    assert {key for key, count in everywhere.items() if count > 1} == set()
    elsewhere = {spec.shortcut for spec in specs if spec.owner is not None}
    assert elsewhere & set(everywhere) == set()


@pytest.fixture
def pseudo_language(tmp_path, monkeypatch) -> None:
    """A Spanish catalogue in which every message of the sources stands in brackets."""
    catalog = Catalog("es")
    keywords = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
    for _file, _line, message, _comments, context in extract_from_dir(
        Path(sketchdesk.__file__).parent, keywords=keywords
    ):
        bracketed = tuple(f"⟦{m}⟧" for m in message) if isinstance(message, tuple) else f"⟦{message}⟧"
        catalog.add(message, bracketed, context=context)
    folder = tmp_path / "translations" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{text.DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(language, "resource", lambda name: tmp_path / name)


PROPER = {"SketchDesk", "ES", "EN", *language.NAMES.values()}
"""What is the same in every language."""


def shown_texts(window: MainWindow) -> list[str]:
    texts = [window.windowTitle()]
    texts += [w.text() for w in own(window, QAbstractButton)]
    texts += [w.accessibleName() for kind in CONTROLS for w in own(window, kind)]
    texts += [w.placeholderText() for w in own(window, QLineEdit)]
    texts += [m.title() for m in window.findChildren(QMenu)]
    texts += [entry.action.text() for entry in window._book.entries]
    texts += [window.strip._title.full_text, window.status._engine.text()]
    model = window.queue.model
    texts += [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    return [t for t in texts if any(sign.isalpha() for sign in t) and t not in PROPER]


def test_the_language_changes_everywhere_and_is_remembered(qtbot, make_window, pseudo_language):
    window = make_window()
    have_late_tabs(window)
    english = shown_texts(window)
    assert len(english) > 150
    child(window, QAction, "language_es_action").trigger()
    assert "⟦" in child(window, QToolButton, "nav_training_button").text()  # what is seen, at once
    qtbot.waitUntil(lambda: sorted({t for t in shown_texts(window) if "⟦" not in t}) == [])
    assert QLocale().language() is QLocale.Language.Spanish
    assert load_settings().language == "es"
    assert child(window, QToolButton, "language_button").text() == "ES"
    child(window, QAction, "language_en_action").trigger()
    qtbot.waitUntil(lambda: shown_texts(window) == english)


def test_a_page_that_is_gone_to_speaks_the_language_at_once(make_window, pseudo_language):
    window = make_window()
    have_late_tabs(window)
    child(window, QAction, "language_es_action").trigger()
    for page in (TRAINING, EVALUATION, MODELS):
        window.frame.show_page(page)
        texts = [button.text() for button in own(window.frame.pages.widget(page), QAbstractButton)]
        assert sorted({t for t in texts if any(sign.isalpha() for sign in t) and "⟦" not in t} - PROPER) == []


def test_the_theme_is_remembered(make_window):
    window = make_window()
    child(window, QAction, "theme_dark_action").trigger()
    again = make_window(settings=load_settings())
    assert child(again, QAction, "theme_dark_action").isChecked()
    child(again, QAction, "theme_light_action").trigger()


def test_the_window_can_be_as_small_as_it_says(make_window):
    window = make_window(settings=Settings(language="es"))
    for page in (GALLERY, TRAINING, EVALUATION, MODELS):
        window.frame.show_page(page)
        window.resize(1000, 640)
        assert (window.width(), window.height()) == (1000, 640)
