"""Exports, from the menu to the message."""

from __future__ import annotations

import zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image
from PySide6.QtGui import QAction, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from sketchdesk.ui.evaluation.results.exporting import Exporter
from sketchdesk.ui.evaluation.results.plots import StudyPlots


@pytest.fixture
def exporter(qtbot, background, folder, study):
    window = QWidget()
    qtbot.addWidget(window)
    made = Exporter(background, window)
    made.folder = folder
    made.menu = QMenu(window)
    made.fill(made.menu)
    return made


def export(qtbot, exporter, what, place):
    exporter.menu.findChild(QAction, f"evaluation_export_{what}").trigger()
    dialog = exporter.parent().findChild(QFileDialog, "evaluation_export_dialog")
    with qtbot.waitSignal(exporter.message) as told:
        dialog.fileSelected.emit(str(place))
        dialog.reject()
    return told.args[0]


@pytest.mark.parametrize("what", ["scores", "summary", "report"])
def test_a_file_is_copied_and_can_be_opened(qtbot, exporter, folder, tmp_path, what):
    target = tmp_path / f"{what}.x"
    message = export(qtbot, exporter, what, target)
    names = {"scores": "scores.csv", "summary": "summary.csv", "report": "report.html"}
    assert target.read_bytes() == (folder / names[what]).read_bytes()
    assert (message.level, message.action_text) == ("good", "Open")
    assert str(target) in message.text


@pytest.mark.parametrize(("what", "begins"), [("markdown", b""), ("latex", b""), ("parquet", b"PAR1")])
def test_tables_are_made_of_the_study(qtbot, exporter, tmp_path, what, begins):
    assert export(qtbot, exporter, what, tmp_path / "table").level == "good"
    assert (tmp_path / "table").read_bytes().startswith(begins)


def test_the_charts_become_vectors(qtbot, exporter, tmp_path, background, study):
    plots = StudyPlots(background)
    qtbot.addWidget(plots)
    plots.resize(600, 320)
    plots.show_variant(study, study.variants[0])
    plots.show()
    qtbot.waitUntil(lambda: plots.findChild(QWidget, "evaluation_pairs") is not None, timeout=30_000)
    exporter.vector_charts = plots.vector
    export(qtbot, exporter, "vector", tmp_path / "c.svg")
    root = ElementTree.parse(tmp_path / "c.svg").getroot()
    assert root.tag.endswith("svg")
    assert len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 20
    assert not list(root.iter("{http://www.w3.org/2000/svg}image"))


def test_everything_goes_into_a_folder_or_a_zip(qtbot, exporter, folder, tmp_path):
    export(qtbot, exporter, "folder", tmp_path / "there")
    assert len(list((tmp_path / "there" / folder.name).rglob("*.png"))) == 24
    export(qtbot, exporter, "zip", tmp_path / "s.zip")
    with zipfile.ZipFile(tmp_path / "s.zip") as archive:
        assert f"{folder.name}/study.json" in archive.namelist()


def test_the_charts_become_a_picture(qtbot, exporter, tmp_path):
    exporter.charts = lambda: QImage(30, 20, QImage.Format.Format_RGB32)
    export(qtbot, exporter, "charts", tmp_path / "c.png")
    assert Image.open(tmp_path / "c.png").size == (30, 20)


def test_what_cannot_be_written_is_told(qtbot, exporter, folder, tmp_path):
    (folder / "summary.csv").unlink()
    message = export(qtbot, exporter, "summary", tmp_path / "s.csv")
    assert (message.level, "summary.csv" in message.text) == ("error", True)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert export(qtbot, exporter, "zip", tmp_path / "file" / "s.zip").level == "error"


def test_an_export_thought_better_of_does_nothing(qtbot, exporter):
    exporter.menu.findChild(QAction, "evaluation_export_report").trigger()
    dialog = exporter.parent().findChild(QFileDialog, "evaluation_export_dialog")
    with qtbot.assertNotEmitted(exporter.message):
        dialog.reject()
