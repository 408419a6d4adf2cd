"""Studies read beside the window's thread: those of the list, and those that lie in a folder anywhere."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.studies import STUDY, Study, StudyEntry, read_study
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.widgets.ask_folder import ask_folder
from sketchdesk.workers.background import Background


class StudyOpener(QObject):
    """Reads and asks; who shows what was read is not its concern.

    Signals:
        read(object, object): A StudyEntry of the list, and its Study.
        failed(object, object): A StudyEntry of the list, and the SketchDeskError that says why it cannot be read.
        opened(object, object): A folder's Path, and the Study in it.
        scoring_wanted(object): The Path of a folder that holds no study; its pictures may be scored.
        message(Message): A folder cannot be opened.
    """

    read = Signal(object, object)
    failed = Signal(object, object)
    opened = Signal(object, object)
    scoring_wanted = Signal(object)
    message = Signal(Message)

    def __init__(self, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._background, self._window = background, window

    def read_entry(self, entry: StudyEntry) -> None:
        """Read a study of the list."""
        self._background.do(partial(_read, entry.folder), partial(self._on_read, entry))

    def open(self, folder: Path) -> None:
        """Open the study in a folder; where there is none, say so and offer to score the folder's pictures."""
        self._background.do(partial(_look, folder), partial(self._on_opened, folder))

    def reopen(self, folder: Path) -> None:
        """Open the study in a folder if it is still there; otherwise do nothing."""
        self._background.do(partial(_look, folder), partial(self._on_reopened, folder))

    def take(self, data: QMimeData) -> None:
        """Open the first folder that is dropped; one without a study is taken for pictures to be scored."""
        for folder in folders_of(data)[:1]:
            self._background.do(partial(_look, folder), partial(self._on_dropped, folder))

    def ask(self) -> None:
        """Ask for a folder and open the study in it."""
        ask_folder(self._window, "evaluation_open_dialog", _("Open a study"), self._on_chosen)

    @Slot(str)
    def _on_chosen(self, folder: str) -> None:
        self.open(Path(folder))

    def _on_read(self, entry: StudyEntry, found: Study | SketchDeskError) -> None:
        if isinstance(found, SketchDeskError):
            self.message.emit(of_error(found))
            self.failed.emit(entry, found)
        else:
            self.read.emit(entry, found)

    def _on_opened(self, folder: Path, found: Study | SketchDeskError | None) -> None:
        if isinstance(found, Study):
            self.opened.emit(folder, found)
        elif found is not None:
            self.message.emit(of_error(found))
        else:
            self.message.emit(
                Message(
                    _("There is no study in “{folder}”.").format(folder=folder),
                    _("Choose the folder that holds {file}, or score the pictures in this one.").format(file=STUDY),
                    level="warning", action_text=_("Score the pictures"),
                    action=partial(self.scoring_wanted.emit, folder),
                )
            )  # fmt: skip

    def _on_reopened(self, folder: Path, found: Study | SketchDeskError | None) -> None:
        if isinstance(found, Study):
            self.opened.emit(folder, found)

    def _on_dropped(self, folder: Path, found: Study | SketchDeskError | None) -> None:
        if found is None:
            self.scoring_wanted.emit(folder)
        else:
            self._on_opened(folder, found)


def folders_of(data: QMimeData) -> list[Path]:
    """Return the folders that are dragged."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.is_dir()]


def _look(folder: Path) -> Study | SketchDeskError | None:
    """Read the study in a folder; None where there is none."""
    return _read(folder) if (folder / STUDY).is_file() else None


def _read(folder: Path) -> Study | SketchDeskError:
    """Read a study; a failure is what comes of it then."""
    try:
        return read_study(folder)
    except SketchDeskError as error:
        return error
