"""Taking a study elsewhere: asks for the place, copies beside the window's thread, and tells what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QBuffer, QByteArray, QDir, QIODevice, QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.evaluation.studies import REPORT, SCORES, SUMMARY
from sketchdesk.library.evaluation.study_export import export_file, export_folder, export_zip
from sketchdesk.library.evaluation.study_tables import LATEX, MARKDOWN, PARQUET, TIMES_PARQUET, export_table
from sketchdesk.library.evaluation.timings import TIMINGS
from sketchdesk.library.files.atomic import write_bytes
from sketchdesk.ui.message import Message, of_error
from sketchdesk.workers.background import Background, or_failure

What = Literal[
    "scores", "parquet", "summary", "times", "times_parquet", "markdown", "latex", "report", "charts", "vector",
    "folder", "zip",
]  # fmt: skip


@dataclass(frozen=True)
class _Kind:
    text: str
    file: str
    """The name that is proposed; "" where a folder is asked for."""
    filter: str = ""


KINDS: dict[What, _Kind] = {
    "scores": _Kind(N_("Scores as CSV…"), SCORES, "CSV (*.csv)"),
    "parquet": _Kind(N_("Scores as Parquet…"), PARQUET, "Parquet (*.parquet)"),
    "summary": _Kind(N_("Summary as CSV…"), SUMMARY, "CSV (*.csv)"),
    "times": _Kind(N_("Times as CSV…"), TIMINGS, "CSV (*.csv)"),
    "times_parquet": _Kind(N_("Times as Parquet…"), TIMES_PARQUET, "Parquet (*.parquet)"),
    "markdown": _Kind(N_("Table in Markdown…"), MARKDOWN, "Markdown (*.md)"),
    "latex": _Kind(N_("Table in LaTeX…"), LATEX, "LaTeX (*.tex)"),
    "report": _Kind(N_("Report as HTML…"), REPORT, "HTML (*.html)"),
    "charts": _Kind(N_("Charts as a picture…"), "charts.png", "PNG (*.png)"),
    "vector": _Kind(N_("Charts as SVG…"), "charts.svg", "SVG (*.svg)"),
    "folder": _Kind(N_("Everything as a folder…"), ""),
    "zip": _Kind(N_("Everything as a zip…"), "study.zip", "ZIP (*.zip)"),
}


class Exporter(QObject):
    """Exports the study in `folder`; set it when another one is shown.

    Signals:
        message(Message): It is done, with a button that opens it, or why not.
    """

    message = Signal(Message)

    def __init__(self, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._background = background
        self._window = window
        self.folder: Path | None = None
        self.charts: Callable[[], QImage] = QImage
        """Draws the charts on show."""
        self.vector_charts: Callable[[], bytes] = bytes
        """Draws them as SVG."""

    def fill(self, menu: QMenu) -> dict[What, QAction]:
        """Add an action for each kind of export and return them; their texts are set by retranslate()."""
        actions = {}
        for what in KINDS:
            action = menu.addAction("")
            action.setObjectName(f"evaluation_export_{what}")
            action.triggered.connect(partial(self.ask, what))
            actions[what] = action
        return actions

    def ask(self, what: What, _checked: bool = False) -> None:
        """Ask for the place, then export there."""
        if self.folder is None:
            return
        kind = KINDS[what]
        dialog = QFileDialog(self._window, _(kind.text).rstrip("…"))
        dialog.setObjectName("evaluation_export_dialog")
        dialog.setDirectory(QDir.homePath())
        if kind.file:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setNameFilter(kind.filter)
            dialog.setDefaultSuffix(Path(kind.file).suffix[1:])
            dialog.selectFile(f"{self.folder.name}.zip" if what == "zip" else kind.file)
        else:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(partial(self._on_place, self.folder, what))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_place(self, folder: Path, what: What, place: str) -> None:
        path = Path(place)
        work: Callable[[], Path]
        if what == "charts":
            work = partial(save_image, self.charts(), path)
        elif what == "vector":
            work = partial(_save_bytes, self.vector_charts(), path)
        else:
            work = _work(folder, what, path)
        self._background.do(partial(or_failure, work), self._on_done)

    def _on_done(self, found: Path | SketchDeskError) -> None:
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))
            return
        self.message.emit(
            Message(
                _("The export is in {place}.").format(place=found),
                level="good",
                action_text=_("Open"),
                action=partial(open_path, found),
            )
        )


def save_image(image: QImage, target: Path) -> Path:
    """Write an image as PNG, whole, and return its path. Raises SketchDeskError(DISK_FULL, NOT_WRITABLE)."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    write_bytes(target, bytes(buffer.data().data()))
    return target


def _save_bytes(data: bytes, target: Path) -> Path:
    write_bytes(target, data)
    return target


def open_path(path: Path) -> None:
    """Open a file or folder with what the desktop has for it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _work(folder: Path, what: What, place: Path) -> Callable[[], Path]:
    if what == "folder":
        return partial(export_folder, folder, place)
    if what == "zip":
        return partial(export_zip, folder, place)
    if what in ("markdown", "latex", "parquet", "times_parquet"):
        return partial(export_table, folder, KINDS[what].file, place)
    return partial(export_file, folder, KINDS[what].file, place)
