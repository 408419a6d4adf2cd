from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPushButton,
    QSpinBox,
    QWidget,
)
from qasync import QEventLoop

import sketchdesk
from sketchdesk.contracts import text
from sketchdesk.library.run_state import RunState
from sketchdesk.library.settings import Settings, load_settings
from sketchdesk.ui import language, prompt_bar
from sketchdesk.ui.main_window import MainWindow

CONTROLS = (QPushButton, QLineEdit, QAbstractItemView, QSpinBox)
GENERATE, CANCEL = "generate_button", "cancel_button"


def child(window: QWidget, kind: type, name: str):
    found = window.findChild(kind, name)
    assert found is not None, name
    return found


def draw(qtbot, window: MainWindow, prompt: str, count: int) -> str:
    child(window, QLineEdit, "prompt_edit").setText(prompt)
    child(window, QSpinBox, "count_box").setValue(count)
    with qtbot.waitSignal(window._runner.job_added) as added:
        qtbot.mouseClick(child(window, QPushButton, GENERATE), Qt.MouseButton.LeftButton)
    return added.args[0]


def wait_for(qtbot, window: MainWindow, job_id: str, state: RunState, timeout=20_000) -> None:
    qtbot.waitUntil(lambda: window._runner.state(job_id) is state, timeout=timeout)


def cell(window: MainWindow, job_id: str, column: int) -> str:
    model = window.queue.model
    row = [model.job_id(row) for row in range(model.rowCount())].index(job_id)
    return model.index(row, column).data()


def test_a_prompt_becomes_pictures(qtbot, make_window, tmp_path):
    window = make_window(settings=Settings(images_dir=str(tmp_path / "pictures")))
    generate = child(window, QPushButton, GENERATE)
    assert not generate.isEnabled()
    job_id = draw(qtbot, window, "  a zebra ", 3)
    wait_for(qtbot, window, job_id, RunState.DONE)
    assert window.gallery.paths() == [tmp_path / "pictures" / f"{n}.png" for n in range(3)]
    assert window.gallery.item(0).toolTip() == "a zebra"
    assert (cell(window, job_id, 0), cell(window, job_id, 1)) == ("a zebra", "done")
    assert generate.isEnabled()
    assert not child(window, QPushButton, CANCEL).isEnabled()


def test_two_presses_of_the_button_draw_with_two_seeds(qtbot, make_window):
    window = make_window()
    jobs = [window._runner.run(draw(qtbot, window, "a cat", 1)).job for _ in range(2)]
    assert jobs[0].seed != jobs[1].seed
    assert jobs[0].prompts == jobs[1].prompts


def test_a_real_engine_draws_in_the_window(qtbot, make_window, tiny_sd, monkeypatch, tmp_path):
    monkeypatch.setattr(prompt_bar, "MODEL", str(tiny_sd))
    window = make_window(None, Settings(images_dir=str(tmp_path / "real"), num_threads=1))
    job_id = draw(qtbot, window, "a cat", 2)
    wait_for(qtbot, window, job_id, RunState.DONE, 120_000)
    assert [Image.open(path).size for path in window.gallery.paths()] == [(32, 32)] * 2


def test_cancel_stops_the_newest_drawing(qtbot, make_window):
    window = make_window("steps")
    job_id = draw(qtbot, window, "a cat", 1)
    with qtbot.waitSignal(window._runner.step_done, timeout=20_000):
        pass
    qtbot.mouseClick(child(window, QPushButton, CANCEL), Qt.MouseButton.LeftButton)
    wait_for(qtbot, window, job_id, RunState.CANCELED)
    assert "kept" in window.message_bar.text
    assert not child(window, QPushButton, CANCEL).isEnabled()


def test_a_dead_engine_is_told_in_the_window_and_the_window_lives_on(qtbot, make_window, monkeypatch, tmp_path):
    monkeypatch.setenv("FAKE_ENGINE_MARKER", str(tmp_path / "died"))
    window = make_window("dies_once")
    doomed = draw(qtbot, window, "a cat", 1)
    wait_for(qtbot, window, doomed, RunState.FAILED)
    assert "SIGKILL" in window.message_bar.text
    assert "SIGKILL" in cell(window, doomed, 1)
    wait_for(qtbot, window, draw(qtbot, window, "a dog", 1), RunState.DONE)


def test_progress_is_shown_and_the_buttons_offer_what_is_possible(qtbot, make_window):
    window = make_window("steps")
    working, waiting = draw(qtbot, window, "one", 1), draw(qtbot, window, "two", 1)
    qtbot.waitUntil(lambda: "/ 100000" in cell(window, working, 2), timeout=20_000)
    names = ("stop", "hold", "up", "down", "remove")
    buttons = {name: child(window, QPushButton, f"queue_{name}_button") for name in names}
    window.queue.select(working)
    assert {name for name, button in buttons.items() if button.isEnabled()} == {"stop", "hold"}
    buttons["hold"].click()
    assert window._runner.state(working) is RunState.PAUSED
    qtbot.waitUntil(lambda: buttons["hold"].text() == "Resume")
    buttons["hold"].click()
    assert window._runner.state(working) is RunState.RUNNING
    window.queue.select(waiting)
    assert {name for name, button in buttons.items() if button.isEnabled()} == {"stop", "up", "down", "remove"}
    third = draw(qtbot, window, "three", 1)
    window.queue.select(third)
    buttons["up"].click()
    assert window._runner.job_ids() == [working, third, waiting]
    assert window.queue.selected == third
    buttons["remove"].click()
    assert window._runner.job_ids() == [working, waiting]


def test_the_next_window_offers_what_was_interrupted(qtbot, make_window):
    first = make_window("steps")
    job_id = draw(qtbot, first, "a cat", 1)
    with qtbot.waitSignal(first._runner.step_done, timeout=20_000):
        pass
    first.close()
    second = make_window("draws")
    second.offer_interrupted()
    assert "1 job was interrupted" in second.message_bar.text
    assert second.queue.selected == job_id
    child(second, QPushButton, "queue_hold_button").click()
    wait_for(qtbot, second, job_id, RunState.DONE)


def test_quitting_while_a_job_works_asks_first(qtbot, make_window, monkeypatch):
    window = make_window("steps")
    draw(qtbot, window, "a cat", 1)
    monkeypatch.setattr(MainWindow, "_may_interrupt", lambda window, count: False)
    assert not window.close()
    assert window.isVisible()
    monkeypatch.setattr(MainWindow, "_may_interrupt", lambda window, count: True)
    assert window.close()


def test_a_full_queue_folder_is_told_and_nothing_crashes(qtbot, make_window, home):
    window = make_window()
    (home / "runs").write_text("a file where the folder should be")
    child(window, QLineEdit, "prompt_edit").setText("a cat")
    child(window, QPushButton, GENERATE).click()
    assert "cannot be written" in window.message_bar.text
    assert window._runner.job_ids() == []


def in_loop(qapp, work) -> None:
    with QEventLoop(qapp) as loop:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(asyncio.wait_for(work, 20))
    asyncio.set_event_loop(None)


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0.01)


async def export(window: MainWindow, folder: Path, accept: bool = True) -> None:
    child(window, QAction, "export_action").trigger()
    await until(lambda: window.findChild(QFileDialog, "export_dialog"))
    dialog = window.findChild(QFileDialog, "export_dialog")
    child(dialog, QLineEdit, "fileNameEdit").setText(str(folder))
    if accept:
        dialog.accept()
    else:
        dialog.reject()


def picture(folder: Path, name: str, grey: int) -> str:
    folder.mkdir(exist_ok=True)
    Image.new("L", (300, 200), grey).save(folder / name)
    return str(folder / name)


def test_export_copies_the_pictures_and_overwrites_nothing(qapp, make_window, tmp_path):
    window = make_window()
    for part, grey in (("a", 10), ("b", 20)):
        assert window.gallery.add(picture(tmp_path / part, "0.png", grey), "x")
    target = tmp_path / "target"
    mine = picture(target, "0.png", 200)

    async def go() -> None:
        await export(window, target)
        await until(lambda: window.message_bar.text)

    in_loop(qapp, go())
    assert "2 images were copied" in window.message_bar.text
    assert Image.open(mine).getpixel((0, 0)) == 200
    assert sorted(path.name for path in target.iterdir()) == ["0 (2).png", "0 (3).png", "0.png"]
    assert (target / "0 (3).png").read_bytes() == (tmp_path / "b" / "0.png").read_bytes()


def test_an_export_into_a_folder_that_went_away_is_told(qapp, make_window, tmp_path, monkeypatch):
    window = make_window()
    window.gallery.add(picture(tmp_path / "a", "0.png", 10), "x")
    (tmp_path / "a" / "0.png").unlink()
    (tmp_path / "target").mkdir()

    async def go() -> None:
        await export(window, tmp_path / "target")
        await until(lambda: window.message_bar.text)

    in_loop(qapp, go())
    assert "could not be copied" in window.message_bar.text
    assert list((tmp_path / "target").iterdir()) == []


def test_an_export_thought_better_of_does_nothing(qapp, make_window, tmp_path):
    window = make_window()
    window.gallery.add(picture(tmp_path / "a", "0.png", 10), "x")

    async def go() -> None:
        await export(window, tmp_path, accept=False)
        await until(lambda: not window.findChild(QFileDialog, "export_dialog"))

    in_loop(qapp, go())
    assert window.message_bar.text == ""


def test_the_gallery_leaves_out_what_is_no_picture(make_window, tmp_path):
    window = make_window()
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n")
    assert not window.gallery.add(str(tmp_path / "broken.png"), "x")
    assert not window.gallery.add(str(tmp_path / "gone.png"), "x")
    assert window.gallery.paths() == []


def test_every_control_has_a_name_for_tests_and_one_for_screen_readers(make_window):
    window = make_window()
    controls = [w for kind in CONTROLS for w in window.findChildren(kind) if not w.objectName().startswith("qt_")]
    assert len(controls) >= 11
    assert [w for w in controls if not w.objectName() or not w.accessibleName()] == []
    names = [w.objectName() for w in controls]
    assert len(set(names)) == len(names)


@pytest.fixture
def pseudo_language(tmp_path, monkeypatch) -> None:
    """A Spanish catalogue in which every message of the sources stands in brackets."""
    catalog = Catalog("es")
    for _file, _line, message, _comments, _context in extract_from_dir(Path(sketchdesk.__file__).parent):
        bracketed = tuple(f"⟦{m}⟧" for m in message) if isinstance(message, tuple) else f"⟦{message}⟧"
        catalog.add(message, bracketed)
    folder = tmp_path / "translations" / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / f"{text.DOMAIN}.mo").open("wb") as file:
        write_mo(file, catalog)
    monkeypatch.setattr(language, "resource", lambda name: tmp_path / name)


def shown_texts(window: MainWindow) -> list[str]:
    texts = [window.windowTitle()]
    texts += [w.text() for w in window.findChildren(QAbstractButton) if w.text() and w.text() != "✕"]
    texts += [w.accessibleName() for kind in CONTROLS for w in window.findChildren(kind)]
    texts += [w.placeholderText() for w in window.findChildren(QLineEdit)]
    texts += [w.text() for w in window.findChildren(QLabel) if w.objectName() == "prompt_label"]
    texts += [m.title() for m in window.findChildren(QMenu)]
    own_names = set(language.NAMES.values())
    texts += [a.text() for a in window.findChildren(QAction) if a.text() not in own_names and a.objectName()]
    header = window.queue.model
    texts += [header.headerData(n, Qt.Orientation.Horizontal) for n in range(header.columnCount())]
    return [t for t in texts if t]


def test_the_language_changes_at_once_everywhere_and_is_remembered(qtbot, make_window, pseudo_language, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    window = make_window("steps")
    job_id = draw(qtbot, window, "a cat", 1)
    english = shown_texts(window)
    assert len(english) > 30
    child(window, QAction, "language_es_action").trigger()
    assert [t for t in shown_texts(window) if "⟦" not in t] == []
    assert cell(window, job_id, 1) == "⟦working⟧"
    assert load_settings().language == "es"
    child(window, QAction, "language_en_action").trigger()
    assert shown_texts(window) == english


def test_the_theme_is_remembered(make_window):
    window = make_window()
    child(window, QAction, "theme_dark_action").trigger()
    assert load_settings().theme == "dark"
    again = make_window(settings=load_settings())
    assert child(again, QAction, "theme_dark_action").isChecked()
    child(again, QAction, "theme_system_action").trigger()


def test_about_names_the_version(make_window):
    window = make_window()
    child(window, QAction, "about_action").trigger()
    box = child(window, QMessageBox, "about_box")
    assert sketchdesk.__version__ in box.text()
    box.close()
