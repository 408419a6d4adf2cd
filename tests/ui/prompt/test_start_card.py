"""The picture to begin with, as a person handles it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from sketchdesk.library.drawing.draft import load_draft
from sketchdesk.library.drawing.masks import masks_dir
from sketchdesk.library.drawing.source_picture import read_mask


@pytest.fixture
def fox(tmp_path: Path) -> Path:
    Image.new("RGB", (120, 80), "orange").save(tmp_path / "fox.png")
    return tmp_path / "fox.png"


def drop(widget, path: Path) -> bool:
    """Drag a file over a widget; drop it where it is taken."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, held = QPointF(4, 4), (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entered = QDragEnterEvent(place.toPoint(), Qt.DropAction.CopyAction, data, *held)
    QApplication.sendEvent(widget, entered)
    if entered.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(place, Qt.DropAction.CopyAction, data, *held))
    return entered.isAccepted()


def source(panel) -> tuple[str | None, str | None, float | None]:
    job = panel.value()
    return job.init_image, job.mask_image, job.strength


def test_without_a_picture_there_is_nothing_of_it(panel):
    assert panel.form.start.isHidden()
    assert source(panel) == (None, None, None)


def test_a_picture_dropped_on_the_button_is_drawn_from_and_one_on_the_card_takes_its_place(panel, fox, tmp_path):
    panel.form.fold.set_open(True)
    assert drop(panel.form.fold.start, fox)
    assert source(panel) == (str(fox), None, None)
    assert panel.form.start.isVisible()
    other = fox.rename(tmp_path / "dog.png")
    panel.form.start.slider.setValue(30)
    assert drop(panel.form.start, other)
    assert source(panel) == (str(other), None, 0.3)
    (tmp_path / "a.txt").write_text("one")
    drop(panel.form.start, tmp_path / "a.txt")  # that is the panel's
    assert source(panel) == (str(other), None, 0.3)


def test_a_picture_is_chosen_in_a_dialog_and_taken_away(panel, fox, qtbot):
    panel.form.fold.start.click()
    dialog = panel.findChild(QFileDialog, "prompt_start_dialog")
    dialog.fileSelected.emit(str(fox))
    dialog.close()
    assert source(panel)[0] == str(fox)
    panel.form.start.remove.click()
    assert source(panel) == (None, None, None)
    assert panel.form.start.isHidden()


def test_the_strength_is_the_usual_one_until_it_is_moved(panel, fox):
    told = panel.findChild(QLabel, "prompt_strength_text")
    panel.start_from(fox)
    assert (told.text(), source(panel)[2]) == ("75 %", None)
    panel.form.start.set_mask("/x/mask.png")
    assert (told.text(), source(panel)[2]) == ("100 %", None)
    panel.form.start.slider.setValue(40)
    assert (told.text(), source(panel)[2]) == ("40 %", 0.4)


def test_a_picture_that_cannot_be_read_is_told_and_nothing_is_drawn(panel, tmp_path, qtbot):
    (tmp_path / "bad.png").write_bytes(b"no picture")
    panel.start_from(tmp_path / "bad.png")
    qtbot.waitUntil(lambda: "bad.png" in panel.bar.sentence, timeout=20_000)
    assert not panel.bar.generate.isEnabled()
    panel.form.start.remove.click()
    qtbot.waitUntil(panel.bar.generate.isEnabled, timeout=20_000)


def test_a_picture_that_was_mended_is_chosen_again(panel, fox, tmp_path, qtbot):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    panel.start_from(bad)
    qtbot.waitUntil(lambda: "bad.png" in panel.form.start.problem, timeout=20_000)
    fox.replace(bad)
    panel.start_from(bad)
    qtbot.waitUntil(lambda: panel.form.start.is_read, timeout=20_000)
    assert panel.form.start.problem == ""


def test_settings_that_are_shown_again_leave_the_picture_on_show(panel, fox, qtbot):
    panel.start_from(fox)
    qtbot.waitUntil(lambda: panel.form.start.is_read, timeout=20_000)
    panel.set_value(panel.value())
    assert panel.form.start.is_read
    panel.form.start.slider.setValue(20)
    assert panel.form.start.is_read


def test_a_silent_image_dropped_on_the_panel_can_be_started_from(panel, fox, told, qtbot):
    panel.open_lists([fox])
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told[0].action_text == "Start from it"
    told[0].action()
    assert source(panel)[0] == str(fox)


def test_its_size_is_the_pictures_own(panel, fox):
    panel.start_from(fox)
    assert panel.form.picture_size.itemText(0) == "as the picture"
    assert panel.form.picture_size.text() == ""
    panel.form.start.remove.click()
    assert panel.form.picture_size.itemText(0).startswith("own")


def test_a_mask_is_chosen_from_a_file_and_taken_away(panel, fox, qtbot):
    panel.start_from(fox)
    panel.form.start.choose.click()
    dialog = panel.findChild(QFileDialog, "prompt_mask_file_dialog")
    dialog.fileSelected.emit(str(fox))
    dialog.close()
    assert source(panel)[1] == str(fox)
    panel.form.start.unmask.click()
    assert source(panel) == (str(fox), None, None)


def test_a_mask_is_painted_over_the_picture_and_kept(panel, fox, qtbot):
    panel.start_from(fox)
    panel.form.start.paint.click()
    qtbot.waitUntil(lambda: panel.findChild(object, "mask_dialog") is not None, timeout=20_000)
    dialog = panel.findChild(object, "mask_dialog")
    qtbot.mouseClick(dialog.canvas, Qt.MouseButton.LeftButton, pos=dialog.canvas.rect().center())
    dialog.use.click()
    qtbot.waitUntil(lambda: source(panel)[1] is not None, timeout=20_000)
    path = Path(source(panel)[1])
    assert path.parent == masks_dir()
    mask = read_mask(path)
    assert mask.size == (120, 80)
    assert (mask.getpixel((60, 40)), mask.getpixel((2, 2))) == (255, 0)
    # Painted over again, the old paint is still there, and the old mask stays as it is.
    panel.form.start.paint.click()
    qtbot.waitUntil(lambda: panel.findChild(object, "mask_dialog") not in (None, dialog), timeout=20_000)
    again = panel.findChild(object, "mask_dialog")
    at_the_left = QPoint(again.canvas.width() // 4, again.canvas.height() // 2)
    qtbot.mouseClick(again.canvas, Qt.MouseButton.LeftButton, pos=at_the_left)
    again.use.click()
    qtbot.waitUntil(lambda: source(panel)[1] != str(path), timeout=20_000)
    both = read_mask(Path(source(panel)[1]))
    assert both.getpixel((60, 40)) == 255
    assert sum(both.histogram()[128:]) > sum(mask.histogram()[128:])
    assert len(list(masks_dir().iterdir())) == 2


def test_it_is_there_again_in_the_next_window(make_panel, fox):
    first = make_panel()
    first.start_from(fox)
    first.form.start.slider.setValue(55)
    first.shutdown()
    assert (load_draft().init_image, load_draft().strength) == (str(fox), 0.55)
    assert source(make_panel())[::2] == (str(fox), 0.55)
