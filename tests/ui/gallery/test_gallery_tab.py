from __future__ import annotations

import gettext
import shutil
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QSlider, QToolButton, QWidget

from sketchdesk.contracts import text
from sketchdesk.contracts.events import JobEnded, ScoreReady
from sketchdesk.contracts.jobs import GenerateJob, LoraUse, PromptRow
from sketchdesk.library.images import ImageRecord
from sketchdesk.library.index import ImageIndex, Query
from sketchdesk.library.paths import images_dir, index_file, resource
from sketchdesk.ui.gallery.dropped import as_files
from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.message import Message
from sketchdesk.ui.mnemonics import mnemonic_of

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def child(tab: QWidget, kind: type, name: str):
    found = tab.findChild(kind, name)
    assert found is not None, name
    return found


def shown(tab: GalleryTab) -> list[Path]:
    """The files of the cells, once they are read."""
    images = [tab.cells.image_at(row) for row in range(tab.cells.rowCount())]
    return [image.path for image in images if image]


def wait_for(qtbot, tab: GalleryTab, paths: list[Path]) -> None:
    qtbot.waitUntil(lambda: shown(tab) == paths)


def pick(qtbot, tab: GalleryTab, *rows: int) -> None:
    tab.grid.pick([tab.cells.ids[row] for row in rows])
    qtbot.waitUntil(lambda: tab.inspector.image is not None and tab.inspector.image.id == tab.cells.ids[rows[0]])


def with_actions(tab: GalleryTab) -> GalleryTab:
    """Give the tab the shortcuts the window gives it."""
    for spec in tab.action_specs():
        owner = spec.owner or tab
        action = QAction(spec.text, owner, objectName=f"{spec.name}_action")
        action.setShortcut(QKeySequence(spec.shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(spec.run)
        owner.addAction(action)
    tab.window().activateWindow()
    tab.grid.setFocus()
    return tab


def listen(tab: GalleryTab) -> list[Message]:
    told: list[Message] = []
    tab.message.connect(told.append)
    return told


# --- finding -----------------------------------------------------------------------------------------------------


def test_what_is_there_is_shown_newest_first(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    assert child(tab, QPushButton, "gallery_all_chip").text() == "All 8"


def test_what_a_dying_engine_saved_and_could_not_tell_is_found(qtbot, make_tab, pictures, draw, record):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    qtbot.waitUntil(lambda: tab.catalogue.walk_._walk is None)  # what was there before is read
    last = draw("last.png", record(seed=99), age_s=-1)
    tab._opened._runner.job_ended.emit(JobEnded(job_id="dead", time_s=0.0, state="failed"))
    wait_for(qtbot, tab, [last, *pictures])


def test_searching_narrows_and_nothing_found_offers_the_way_back(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    search = child(tab, QLineEdit, "gallery_search_edit")
    qtbot.keyClicks(search, "castle")
    wait_for(qtbot, tab, [path for path in pictures if "castle" in path.name])
    qtbot.keyClicks(search, "xyz")
    back = child(tab, QPushButton, "gallery_nothing_found_button")
    qtbot.waitUntil(back.isVisible)
    qtbot.mouseClick(back, LEFT)
    wait_for(qtbot, tab, pictures)
    assert (search.text(), back.isVisible()) == ("", False)


def test_an_empty_gallery_says_what_it_is_for_and_asks_for_the_first_picture(qtbot, make_tab):
    tab = make_tab()
    button = child(tab, QPushButton, "gallery_nothing_yet_button")
    qtbot.waitUntil(button.isVisible)
    with qtbot.waitSignal(tab.first_drawing_requested):
        qtbot.mouseClick(button, LEFT)


def test_the_window_can_search_and_show_a_run(qtbot, make_tab, pictures, make_runner):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    tab.search("castle")
    assert child(tab, QLineEdit, "gallery_search_edit").text() == "castle"
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 4)
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir()), count=2)
    run = tab._opened._runner.run(tab._opened._runner.submit(job))
    tab.show_run(run)
    assert tab.filters.value() == Query(run="a fox")
    qtbot.waitUntil(lambda: sorted(path.name for path in shown(tab)) == ["0.png", "1.png"], timeout=20_000)


# --- drawing -----------------------------------------------------------------------------------------------------


def test_pictures_appear_while_they_are_drawn_and_their_scores_after(qtbot, make_tab):
    tab = make_tab()
    job = GenerateJob(model="m", prompts=(PromptRow(prompt="a fox"),), out_dir=str(images_dir()), count=3)
    job_id = tab._opened._runner.submit(job)
    qtbot.waitUntil(lambda: len(shown(tab)) == 3, timeout=20_000)
    path = images_dir() / "1.png"
    tab._opened._runner.score_ready.emit(
        ScoreReady(job_id=job_id, path=str(path), prompt="a fox", values={"cosine": 0.345}, caption="a fox indeed")
    )
    qtbot.waitUntil(lambda: any(image.scores for row in range(3) if (image := tab.cells.image_at(row))))
    pick(qtbot, tab, [path.name for path in shown(tab)].index("1.png"))
    qtbot.waitUntil(lambda: ("CLIP", "0.345") in tab.inspector._facts.facts())
    assert ("Caption", "“a fox indeed”") in tab.inspector._facts.facts()


def test_make_again_asks_for_the_same_batch(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 1)
    with qtbot.waitSignal(tab.draw_requested) as wished:
        qtbot.mouseClick(child(tab, QPushButton, "inspector_again_button"), LEFT)
    (job,) = wished.args[0]
    assert isinstance(job, GenerateJob)
    assert (job.model, job.prompts, job.out_dir) == (
        "demo-base", (PromptRow(prompt="a zebra", seed=2, count=1),), str(images_dir()),
    )  # fmt: skip
    tab.grid.setFocus()
    with qtbot.waitSignal(tab.draw_requested):
        qtbot.keyClick(tab.grid, KEY.Key_R)


def test_of_a_batch_only_what_is_selected_is_kept_and_that_is_said(qtbot, make_tab, draw, record):
    for place, seed in enumerate((7, 8, 9)):
        batch = {"batch_size": 3, "batch_index": place, "batch_seeds": (7, 8, 9)}
        draw(f"{place}.png", record("a fox", seed, **batch), age_s=place)
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: len(shown(tab)) == 3)
    for rows, kept, said in (((1,), (1,), "2 more pictures"), ((0, 2), (0, 2), "1 more picture ")):
        pick(qtbot, tab, *rows)
        with qtbot.waitSignal(tab.draw_requested) as wished:
            tab.chosen.make_again()
        (job,) = wished.args[0]
        assert [row.seed for row in job.prompts] == [7, 8, 9]
        assert job.kept == kept
        assert said in told[-1].text


def test_a_picture_that_cannot_be_made_again_says_why(qtbot, make_tab, draw, record):
    draw("foreign.png", record(sampler="dream_weaver"))
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: len(shown(tab)) == 1)
    pick(qtbot, tab, 0)
    with qtbot.assertNotEmitted(tab.draw_requested):
        tab.chosen.make_again()
        qtbot.waitUntil(lambda: bool(told))
    assert "dream_weaver" in told[-1].text


def test_a_picture_whose_source_changed_is_drawn_only_when_insisted(qtbot, make_tab, draw, record, tmp_path):
    source = tmp_path / "start.png"
    source.write_bytes(b"another picture now")
    draw("a.png", record(init_image=str(source), init_hash="0" * 64, strength=0.5))
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: len(shown(tab)) == 1)
    pick(qtbot, tab, 0)
    with qtbot.assertNotEmitted(tab.draw_requested):
        tab.chosen.make_again()
        qtbot.waitUntil(lambda: bool(told))
    assert (told[-1].level, "start.png" in told[-1].text) == ("warning", True)
    with qtbot.waitSignal(tab.draw_requested) as wished:
        told[-1].action()
    assert wished.args[0][0].init_image == str(source)


def test_a_picture_of_a_pickled_model_asks_before_it_is_read_again(qtbot, make_tab, draw, record, tmp_path):
    model = tmp_path / "old.ckpt"
    model.write_bytes(b"a pickle")
    draw("a.png", record(model=str(model), model_hash="0" * 64))
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: len(shown(tab)) == 1)
    pick(qtbot, tab, 0)
    with qtbot.assertNotEmitted(tab.draw_requested):
        tab.chosen.make_again()
        qtbot.waitUntil(lambda: len(told) == 1)
        assert "can run code" in told[-1].text
        told[-1].action()
        qtbot.waitUntil(lambda: len(told) == 2)  # and it is not what it was, which is another question
        assert "old" in told[-1].text
    with qtbot.waitSignal(tab.draw_requested) as wished:
        told[-1].action()
    assert wished.args[0][0].allow_pickle


def test_keys_recall_all_the_prompt_or_the_seed(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 3)
    for key, signal in ((KEY.Key_A, tab.settings_requested), (KEY.Key_P, tab.prompt_requested)):
        with qtbot.waitSignal(signal) as wished:
            qtbot.keyClick(tab.grid, key)
        assert isinstance(wished.args[0], ImageRecord)
        assert wished.args[0].prompt == "a castle"
    with qtbot.waitSignal(tab.seed_requested) as wished:
        qtbot.keyClick(tab.grid, KEY.Key_S)
    assert wished.args == [2]


def test_an_image_dropped_here_gives_its_settings_and_one_without_says_so(qtbot, make_tab, pictures, tmp_path):
    tab = make_tab()
    told = listen(tab)
    bare = tmp_path / "holiday.png"
    Image.new("RGB", (8, 8)).save(bare)

    def drop(*paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        tab.grid.dropEvent(
            QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
        )

    with qtbot.waitSignal(tab.settings_requested) as wished:
        drop(bare, pictures[2])
    assert wished.args[0].prompt == "a castle"
    drop(bare)
    qtbot.waitUntil(lambda: bool(told) and "does not say" in told[-1].text)


# --- one picture -------------------------------------------------------------------------------------------------


def test_the_inspector_shows_the_picture_and_every_setting(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 2)
    facts = dict(tab.inspector._facts.facts())
    assert (facts["Seed"], facts["Model"], facts["Sampler"]) == ("1", "demo-base", "DPM++ 2M")
    assert child(tab, QLabel, "inspector_prompt").text() == "a castle"
    qtbot.waitUntil(lambda: tab.inspector._picture._image is not None)
    qtbot.mouseClick(child(tab, QToolButton, "inspector_copy_button"), LEFT)
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("a castle\n")
    assert "Seed: 1" in copied


def test_a_picture_without_a_record_is_shown_but_cannot_be_made_again(qtbot, make_tab, home):
    images_dir().mkdir(parents=True)
    Image.new("RGB", (30, 60), "red").save(images_dir() / "scan.png")
    tab = make_tab()
    qtbot.waitUntil(lambda: len(shown(tab)) == 1)
    pick(qtbot, tab, 0)
    assert child(tab, QLabel, "inspector_prompt").text().replace("\u200b", "") == "scan.png"
    assert not child(tab, QPushButton, "inspector_again_button").isEnabled()
    tab.chosen.make_again()
    tab.doings.use_seed()


def test_enter_shows_it_in_full_and_the_arrows_go_on(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 0)
    qtbot.keyClick(tab.grid, KEY.Key_Return)
    assert tab.full.isVisible()
    qtbot.waitUntil(lambda: tab.full.view.image is not None)
    assert child(tab, QLabel, "gallery_full_place").text() == "1 of 8"
    qtbot.keyClick(tab.full, KEY.Key_Right)
    assert child(tab, QLabel, "gallery_full_place").text() == "2 of 8"
    assert not child(tab, QToolButton, "gallery_full_previous_button").visibleRegion().isEmpty()
    qtbot.mouseClick(child(tab, QToolButton, "gallery_full_previous_button"), LEFT)
    assert not child(tab, QToolButton, "gallery_full_previous_button").isEnabled()
    before = tab.full.view.scale()
    tab.view.zoom_in()
    assert tab.full.view.scale() > before
    qtbot.keyClick(tab.full, KEY.Key_Escape)
    assert tab.grid.isVisible()


def test_trash_in_full_view_goes_on_to_the_next_and_undo_brings_it_back(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    told = listen(tab)
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 0)
    tab.open_current()
    tab.chosen.trash()
    wait_for(qtbot, tab, pictures[1:])
    assert child(tab, QLabel, "gallery_full_place").text() == "1 of 7"
    assert not pictures[0].exists()
    assert told[-1].action_text == "Undo"
    told[-1].action()
    qtbot.waitUntil(pictures[0].exists)
    wait_for(qtbot, tab, pictures)


# --- many --------------------------------------------------------------------------------------------------------


def test_delete_and_undo_by_keys(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    wait_for(qtbot, tab, pictures)
    assert not tab.chosen.trash_can.can_undo()
    pick(qtbot, tab, 1, 2)
    qtbot.keyClick(tab.grid, KEY.Key_Delete)
    wait_for(qtbot, tab, [pictures[0], *pictures[3:]])
    assert tab.chosen.trash_can.can_undo()
    qtbot.keyClick(tab.grid, KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    wait_for(qtbot, tab, pictures)
    assert not tab.chosen.trash_can.can_undo()


def test_the_full_stop_stars_and_the_chip_finds_the_stars(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 1, 3)
    qtbot.keyClick(tab.grid, KEY.Key_Period)
    chip = child(tab, QPushButton, "gallery_starred_chip")
    qtbot.waitUntil(lambda: chip.text().strip() == "2")
    qtbot.mouseClick(chip, LEFT)
    wait_for(qtbot, tab, [pictures[1], pictures[3]])
    qtbot.waitUntil(lambda: all(tab.cells.image_at(row).starred for row in range(2)))


def test_two_selected_pictures_are_compared(qtbot, make_tab, pictures):
    tab = with_actions(make_tab())
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 0, 4, 5)
    qtbot.keyClick(tab.grid, KEY.Key_M)
    qtbot.waitUntil(tab.comparing.isVisible)
    assert [image.path for image in tab.comparing.pair] == [pictures[0], pictures[4]]
    assert len(tab.comparing.pairs._pairs) == 2
    assert not tab.inspector.isVisible()
    tab.chosen.star()
    qtbot.waitUntil(lambda: tab.filters._found.starred == 1)
    qtbot.keyClick(tab.comparing, KEY.Key_Escape)
    assert tab.grid.isVisible() and tab.inspector.isVisible()


def test_with_nothing_selected_two_models_are_compared_at_the_same_seeds(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    qtbot.mouseClick(child(tab, QPushButton, "gallery_compare_button"), LEFT)
    qtbot.waitUntil(lambda: len(tab.comparing.pairs._pairs) == 4)
    for left, right in tab.comparing.pairs._pairs:
        assert (left.record.model, right.record.model) == ("demo-base", "sketch-lora")
        assert (left.record.seed, left.record.prompt) == (right.record.seed, right.record.prompt)


def test_a_picture_is_compared_with_what_other_models_drew_at_its_seed(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 6)
    qtbot.mouseClick(child(tab, QPushButton, "inspector_base_button"), LEFT)
    qtbot.waitUntil(tab.comparing.isVisible)
    assert [image.path for image in tab.comparing.pair] == [pictures[2], pictures[6]]


def test_where_the_base_has_not_drawn_it_it_is_asked_to_and_the_pair_is_offered(qtbot, make_tab, draw, record):
    lora = (LoraUse(path="/l/ink.safetensors"),)
    draw("tuned.png", record("a fox", 9, loras=lora))
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: len(shown(tab)) == 1)
    pick(qtbot, tab, 0)
    with qtbot.waitSignal(tab.draw_requested) as wished:
        tab.chosen.compare_with_base()
    (job,) = wished.args[0]
    assert (job.model, job.loras, job.prompts[0].seed) == ("demo-base", (), 9)
    tab.catalogue.image_saved(draw("base.png", record("a fox", 9), age_s=5), "base")
    qtbot.waitUntil(lambda: told[-1].action_text == "Compare")
    told[-1].action()
    assert [image.path.name for image in tab.comparing.pair] == ["base.png", "tuned.png"]


def test_without_a_base_it_says_what_to_do(qtbot, make_tab, draw, record):
    draw("only.png", record("a fox", 9))
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: len(shown(tab)) == 1)
    pick(qtbot, tab, 0)
    tab.chosen.compare_with_base()
    qtbot.waitUntil(lambda: bool(told))
    assert told[-1].next_step


def test_what_is_found_is_exported_and_can_be_opened(qtbot, make_tab, pictures, tmp_path):
    tab = make_tab()
    told = listen(tab)
    wait_for(qtbot, tab, pictures)
    qtbot.mouseClick(child(tab, QPushButton, "gallery_export_button"), LEFT)
    dialog = tab.chosen.exporting.dialog
    dialog._target.edit.setText(str(tmp_path / "out"))
    with qtbot.waitSignal(dialog.exported):
        qtbot.mouseClick(dialog._export, LEFT)
    assert len(list((tmp_path / "out").iterdir())) == 8
    assert (told[-1].level, told[-1].action_text) == ("good", "Open")
    assert tab.chosen.exporting.dialog is None


# --- when things go wrong ----------------------------------------------------------------------------------------


def test_files_that_vanish_are_told_once_and_taken_off_on_demand(qtbot, make_tab, pictures):
    for path in pictures[:2]:
        path.write_bytes(b"no picture")
    tab = make_tab()
    told = listen(tab)
    qtbot.waitUntil(lambda: bool(told))
    assert "2 pictures" in told[-1].text
    for path in pictures[:2]:
        path.unlink()
    told[-1].action()
    wait_for(qtbot, tab, pictures[2:])


def test_a_library_folder_that_is_deleted_leaves_an_empty_gallery(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 3)
    shutil.rmtree(images_dir())
    tab.walk()
    qtbot.waitUntil(child(tab, QPushButton, "gallery_nothing_yet_button").isVisible)
    tab.open_current()
    tab.chosen.trash()
    tab.chosen.star()
    assert tab.inspector.image is None


def test_another_images_folder_shows_its_pictures(qtbot, make_tab, pictures, tmp_path):
    other = tmp_path / "elsewhere"
    other.mkdir()
    Image.new("RGB", (8, 8)).save(other / "there.png")
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    tab.sources._store.change(images_dir=str(other))
    qtbot.waitUntil(lambda: other / "there.png" in shown(tab))


# --- as every tab ------------------------------------------------------------------------------------------------


def test_what_it_looked_like_is_remembered(qtbot, make_tab, pictures):
    first = make_tab()
    child(first, QSlider, "gallery_zoom_slider").setValue(224)
    first.filters._change(sort="prompt")
    first.view.toggle_details()
    state = first.save_state()
    second = make_tab()
    second.restore_state(state)
    assert (second.grid.zoom_px, second.filters.value().sort) == (224, "prompt")
    assert not second.inspector.isVisible()
    second.restore_state({"zoom_px": "big", "sort": 3, "splitter": [0], "details": "no"})
    assert second.grid.zoom_px == 224


def test_the_context_menu_has_what_can_be_done(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 0)
    tab.grid.customContextMenuRequested.emit(tab.grid.visualRect(tab.cells.index(0)).center())
    menu = child(tab, QMenu, "gallery_context_menu")
    texts = [action.text().replace("&", "") for action in menu.actions() if action.text()]
    assert texts[:2] == ["Show in full", "Give or take the star"]
    assert texts[-1] == "Move to trash"
    start = next(action for action in menu.actions() if action.objectName() == "gallery_use_start_context_action")
    with qtbot.waitSignal(tab.doings.start_wished) as wished:
        start.trigger()
    assert wished.args == [tab.looking.current().path]
    next(action for action in menu.actions() if "full" in action.text()).trigger()
    assert tab.full.isVisible()
    menu.close()


@pytest.mark.parametrize("language", ["en", "es", "pt"])
def test_no_menu_and_no_row_of_buttons_has_two_equal_mnemonics(qtbot, make_tab, pictures, language):
    text.use_language(resource("translations"), language)
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    pick(qtbot, tab, 0)
    tab.grid.customContextMenuRequested.emit(tab.grid.visualRect(tab.cells.index(0)).center())
    tab.chosen.export()
    menus: dict[str, list[str]] = {}
    for menu in tab.findChildren(QMenu):
        menus[menu.objectName()] = [action.text() for action in menu.actions()]
    assert "gallery_context_menu" in menus and "gallery_sort_chip_menu" in menus
    for spec in tab.action_specs():
        menus.setdefault(f"the window's {spec.menu}", []).append(text._(spec.text))
    for bar in (tab.desk, tab.full, tab.comparing, tab.inspector, tab.chosen.exporting.dialog):
        buttons = [button for kind in (QPushButton, QToolButton) for button in bar.findChildren(kind)]
        menus[bar.objectName()] = [button.text() for button in buttons if not button.isHidden()]
    for name, texts in menus.items():
        letters = [letter for one in texts if (letter := mnemonic_of(one))]
        assert len(letters) == len(set(letters)), (name, texts)
    child(tab, QMenu, "gallery_context_menu").close()
    tab.chosen.exporting.dialog.reject()


def test_every_action_can_be_run_on_an_empty_gallery(qtbot, make_tab):
    tab = make_tab()
    qtbot.waitUntil(child(tab, QPushButton, "gallery_nothing_yet_button").isVisible)
    for spec in tab.action_specs():
        assert spec.is_enabled is None or spec.is_enabled() in (True, False)
        spec.run()
    qtbot.waitUntil(lambda: tab.chosen.exporting.dialog is not None)
    tab.chosen.exporting.dialog.reject()


def test_every_control_has_a_name_and_says_what_it_is_for(qtbot, make_tab, pictures):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    for kind in (QPushButton, QToolButton, QLineEdit, QSlider):
        for control in tab.findChildren(kind):
            if control.objectName().startswith("qt_") or isinstance(control.parent(), QLineEdit):
                continue
            assert control.objectName(), control
            assert control.accessibleName(), control.objectName()


class Marked(gettext.NullTranslations):
    """A language in which every message is marked."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        return f"«{singular if count == 1 else plural}»"


def test_another_language_is_spoken_at_once_everywhere(qtbot, make_tab, pictures, monkeypatch):
    tab = make_tab()
    wait_for(qtbot, tab, pictures)
    tab.chosen.export()
    monkeypatch.setattr(text, "_catalog", Marked())
    tab.retranslate()
    buttons = [button for kind in (QPushButton, QToolButton) for button in tab.findChildren(kind)]
    own = [button for button in buttons if not button.objectName().startswith("qt_") and button.objectName()]
    assert len(own) > 40
    for button in own:
        assert "«" in button.accessibleName(), button.objectName()
        assert not any(sign.isalpha() for sign in button.text()) or "«" in button.text(), button.objectName()
    labels = [label.text() for label in tab.findChildren(QLabel) if any(sign.isalpha() for sign in label.text())]
    assert labels
    assert [words for words in labels if "«" not in words] == []
    tab.chosen.exporting.dialog.reject()


def test_all_that_is_selected_is_dragged_out_also_what_was_never_read(qtbot, make_tab, pictures):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.cells._images.clear()
    tab.grid.pick(list(tab.cells.ids))
    with qtbot.waitSignal(tab.grid.drag_wished) as wished:
        tab.grid.startDrag(Qt.DropAction.CopyAction)
    with ImageIndex(index_file(), [images_dir()]) as index:
        assert index.paths(wished.args[0]) == pictures


def test_nothing_is_dragged_once_the_button_is_up(qtbot, make_tab, pictures):
    tab = make_tab()
    qtbot.waitUntil(lambda: len(tab.cells.ids) == 8)
    tab.grid.drag(pictures)  # would not come back before the drop, were there a button down
    assert as_files(pictures).urls() == [QUrl.fromLocalFile(str(path)) for path in pictures]
