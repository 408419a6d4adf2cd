from __future__ import annotations

import csv
import threading
from pathlib import Path
from zipfile import ZipFile

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.library.export import plan
from sketchdesk.library.progress import seldom
from sketchdesk.ui.gallery.export.dialog import ExportDialog
from sketchdesk.ui.gallery.export.plan import free_target

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(qtbot, catalogue, images, tmp_path):
    ids = [image.id for image in images]
    dialog = ExportDialog(catalogue, ids[:2], ids)
    qtbot.addWidget(dialog)
    dialog.open()
    yield dialog
    dialog.done(0)


def choose(qtbot, dialog: ExportDialog, kind: str, target: Path) -> None:
    qtbot.mouseClick(dialog._kinds[kind], LEFT)
    dialog._target.edit.setText(str(target))


def export(qtbot, dialog: ExportDialog):
    with qtbot.waitSignal(dialog.exported) as exported:
        qtbot.mouseClick(dialog._export, LEFT)
    return exported.args[0]


def test_the_selected_pictures_become_files_named_as_wished(qtbot, dialog, tmp_path):
    choose(qtbot, dialog, "folder", tmp_path / "out")
    dialog._options._pattern_box.setEditText("{prompt}-{seed}")
    exported = export(qtbot, dialog)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a zebra-1.png", "a zebra-2.png"]
    assert exported.images == 2
    assert not dialog.isVisible()


@pytest.mark.parametrize(("kind", "suffix"), [("zip", ".zip"), ("sheet", ".png"), ("page", ".html"), ("table", ".csv")])
def test_all_found_become_one_file(qtbot, dialog, tmp_path, kind, suffix):
    qtbot.mouseClick(dialog._found, LEFT)
    target = tmp_path / f"all{suffix}"
    choose(qtbot, dialog, kind, target)
    assert export(qtbot, dialog).images == 8
    assert target.stat().st_size > 100
    if kind == "zip":
        assert len(ZipFile(target).namelist()) == 8
    if kind == "table":
        with target.open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.DictReader(file))) == 8


def test_a_place_that_is_taken_or_means_nothing_is_told_at_the_field(qtbot, dialog, tmp_path):
    taken = tmp_path / "taken.zip"
    taken.write_text("mine")
    for text, word in ((str(taken), "already"), ("", "Choose"), ("relative.zip", "whole path")):
        choose(qtbot, dialog, "zip", Path(text))
        dialog._target.edit.setText(text)
        assert word in dialog._target.problem
        qtbot.mouseClick(dialog._export, LEFT)
        assert not dialog._working
    choose(qtbot, dialog, "folder", taken)
    assert "file, not a folder" in dialog._target.problem
    assert taken.read_text() == "mine"


def test_a_wrong_pattern_is_told_at_the_field_but_does_not_matter_to_a_table(qtbot, dialog, tmp_path):
    choose(qtbot, dialog, "folder", tmp_path / "out")
    dialog._options._pattern_box.setEditText("{colour}")
    assert "colour" in dialog._options._pattern.problem
    qtbot.mouseClick(dialog._export, LEFT)
    assert not dialog._working
    choose(qtbot, dialog, "table", tmp_path / "out.csv")
    assert export(qtbot, dialog).images == 2


def test_a_place_that_cannot_be_written_is_told_and_another_can_be_chosen(qtbot, dialog, tmp_path):
    (tmp_path / "file").write_text("")
    choose(qtbot, dialog, "folder", tmp_path / "file" / "below")
    with qtbot.waitSignal(dialog.failed) as failed:
        qtbot.mouseClick(dialog._export, LEFT)
    assert failed.args[0].kind is ErrorKind.NOT_WRITABLE
    assert dialog._target.problem
    assert dialog._export.isEnabled()
    choose(qtbot, dialog, "folder", tmp_path / "fine")
    assert export(qtbot, dialog).images == 2


def test_an_export_can_be_stopped_and_the_dialog_stays(qtbot, dialog, tmp_path, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()
    real = plan.export_folder

    def held(images, target, progress, pattern):
        begun.set()
        go_on.wait()
        return real(images, target, progress, pattern)

    monkeypatch.setattr(plan, "export_folder", held)
    choose(qtbot, dialog, "folder", tmp_path / "out")
    qtbot.mouseClick(dialog._export, LEFT)
    qtbot.waitUntil(begun.is_set)
    assert dialog._bar.isVisible() and not dialog._export.isEnabled()
    dialog.close()
    assert dialog.isVisible()
    go_on.set()
    qtbot.waitUntil(lambda: not dialog._working)
    assert dialog.isVisible() and dialog._export.isEnabled()
    assert len(list((tmp_path / "out").iterdir())) < 2


def test_without_a_selection_all_found_are_meant(qtbot, catalogue, images):
    dialog = ExportDialog(catalogue, [], [image.id for image in images])
    qtbot.addWidget(dialog)
    assert dialog._found.isChecked()
    assert not dialog._selected.isEnabled()
    dialog.done(0)


def choose_place(dialog: ExportDialog, path: Path) -> None:
    """Choose a place as a person does: the program goes on meanwhile."""
    dialog._target._choose.click()
    chooser = dialog.findChildren(QFileDialog)[-1]
    chooser.setDirectory(str(path.parent))
    chooser.selectFile(path.name)
    chooser.accept()


def test_the_place_can_be_chosen_in_a_dialog(qtbot, dialog, tmp_path):
    (tmp_path / "there").mkdir()
    qtbot.mouseClick(dialog._kinds["folder"], LEFT)
    choose_place(dialog, tmp_path / "there")
    assert dialog.plan().target == tmp_path / "there"
    qtbot.mouseClick(dialog._kinds["sheet"], LEFT)
    choose_place(dialog, tmp_path / "one")
    assert dialog.plan().target == tmp_path / "one.png"


def test_each_kind_shows_its_own_options(qtbot, dialog):
    shown = {}
    for kind in dialog._kinds:
        qtbot.mouseClick(dialog._kinds[kind], LEFT)
        options = dialog._options
        shown[kind] = [options._pattern.isVisible(), options._columns.isVisible(), options._originals.isVisible()]
    assert shown == {
        "folder": [True, False, False], "zip": [True, False, False], "sheet": [False, True, False],
        "page": [False, False, True], "table": [False, False, False],
    }  # fmt: skip


def test_a_new_target_is_never_taken(tmp_path):
    (tmp_path / "x.zip").touch()
    (tmp_path / "x (2).zip").touch()
    assert free_target(tmp_path, "zip", "x") == tmp_path / "x (3).zip"
    assert free_target(tmp_path, "folder", "x") == tmp_path / "x"


def test_progress_is_passed_on_seldom_and_at_the_end():
    now = iter(range(1000))
    told = []
    passing = seldom(lambda done, total: told.append(done), every_s=10, clock=lambda: float(next(now)))
    for done in range(1, 26):
        passing(done, 25)
    assert told[-1] == 25
    assert len(told) < 6


def test_a_contact_sheet_can_have_axes_and_then_has_no_number_of_columns(qtbot, dialog, tmp_path):
    choose(qtbot, dialog, "sheet", tmp_path / "sheet.png")
    options = dialog._options
    assert dialog.plan().across is dialog.plan().down is None
    assert options._columns.isEnabled()
    options._axes["across"].setCurrentIndex(options._axes["across"].findData("model"))
    options._axes["down"].setCurrentIndex(options._axes["down"].findData("seed"))
    assert (dialog.plan().across, dialog.plan().down) == ("model", "seed")
    assert not options._columns.isEnabled()
    options.retranslate()
    assert (dialog.plan().across, dialog.plan().down) == ("model", "seed")
    assert export(qtbot, dialog).images == 2
