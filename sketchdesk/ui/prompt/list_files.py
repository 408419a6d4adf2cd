"""Prompt lists and images from files: read beside the window's thread, and asked for in dialogs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import PromptRow
from sketchdesk.contracts.text import _
from sketchdesk.library.images.metadata import IMAGE_SUFFIXES, read_record
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.installed import ModelEntry, describe
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES
from sketchdesk.library.prompts.reading import LIST_SUFFIXES, read_good_prompts
from sketchdesk.library.prompts.writing import write_prompts
from sketchdesk.ui.message import Message, of_bad_lines, of_error
from sketchdesk.ui.naming import named
from sketchdesk.workers.background import Background


@dataclass(frozen=True)
class Opened:
    """What some files held, in their order, and what was wrong in them or with the others."""

    rows: tuple[PromptRow, ...] = ()
    records: tuple[ImageRecord, ...] = ()
    names: tuple[str, ...] = ()
    """Of the files that could be read."""
    problems: tuple[Message, ...] = ()
    silent: tuple[Path, ...] = ()
    """Images that do not say how they were made."""


class ListFiles(QObject):
    """Opens and saves on behalf of the panel; never waits for a disk.

    Signals:
        opened(Opened): Files were read.
        saved(str): The list was saved under this name.
        model_described(ModelEntry): What is known of a folder that was chosen as a model.
        files_chosen(list[Path]): Files to add to the model were chosen.
        message(Message): Something could not be done.
    """

    opened = Signal(Opened)
    saved = Signal(str)
    model_described = Signal(ModelEntry)
    files_chosen = Signal(object)
    message = Signal(Message)

    def __init__(self, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._background = background

    def read(self, paths: Sequence[Path]) -> None:
        """Read prompt lists, and the settings of images."""
        wanted = list(paths)
        self._background.do(lambda: read_files(wanted), self.opened.emit)

    def ask_open(self) -> None:
        """Let the person choose lists or images to open."""
        dialog = self._dialog(_("Open a prompt list"), "prompt_open_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        suffixes = " ".join(f"*{suffix}" for suffix in LIST_SUFFIXES)
        images = " ".join(f"*{suffix}" for suffix in IMAGE_SUFFIXES)
        dialog.setNameFilters([
            _("Prompt lists ({suffixes})").format(suffixes=suffixes),
            _("Images, for their settings ({suffixes})").format(suffixes=images),
        ])
        dialog.filesSelected.connect(lambda names: self.read([Path(name) for name in names]))
        dialog.open()

    def ask_save(self, rows: Sequence[PromptRow]) -> None:
        """Let the person choose where to save the list."""
        dialog = self._dialog(_("Save the prompt list"), "prompt_save_dialog")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.setNameFilters([
            _("Text, a prompt a line (*.txt)"), _("Table (*.csv)"), "JSON (*.json)",
            _("JSON, a prompt a line (*.jsonl)"),
        ])
        dialog.filterSelected.connect(lambda chosen: dialog.setDefaultSuffix(chosen.rpartition("*.")[2].rstrip(")")))
        dialog.fileSelected.connect(lambda name: self.save(Path(name), rows))
        dialog.open()

    def save(self, path: Path, rows: Sequence[PromptRow]) -> None:
        """Save the list."""
        self._background.do(lambda: _saved(path, rows), lambda problem: self._on_saved(path, problem))

    def ask_model(self) -> None:
        """Let the person choose a model folder."""
        dialog = self._dialog(_("Choose a model folder"), "prompt_model_dialog")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.describe_model(Path(name)))
        dialog.open()

    def describe_model(self, path: Path) -> None:
        """Find out what a folder is as a model."""
        self._background.do(lambda: describe(str(path), path, "own"), self.model_described.emit)

    def ask_added(self, allow_pickle: bool) -> None:
        """Let the person choose LoRAs and learnt words; old kinds of files only where they are read."""
        dialog = self._dialog(_("Add LoRAs or learnt words"), "prompt_lora_dialog")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        suffixes = (SAFE_SUFFIX, *UNSAFE_SUFFIXES) if allow_pickle else (SAFE_SUFFIX,)
        filters = " ".join(f"*{suffix}" for suffix in suffixes)
        dialog.setNameFilter(_("LoRAs and learnt words ({suffixes})").format(suffixes=filters))
        dialog.filesSelected.connect(lambda names: self.files_chosen.emit([Path(name) for name in names]))
        dialog.open()

    def _dialog(self, title: str, name: str) -> QFileDialog:
        dialog = named(QFileDialog(self._window, title), name)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return dialog

    def _on_saved(self, path: Path, problem: Message | None) -> None:
        if problem:
            self.message.emit(problem)
        else:
            self.saved.emit(path.name)


def read_files(paths: Sequence[Path]) -> Opened:
    """Read prompt lists and the records of images; a file that cannot be read is told, and the others count."""
    rows: list[PromptRow] = []
    records: list[ImageRecord] = []
    names: list[str] = []
    problems: list[Message] = []
    silent: list[Path] = []
    for path in paths:
        if path.suffix.lower() in IMAGE_SUFFIXES:
            record = read_record(path)
            if record is None:
                silent.append(path)
                continue
            records.append(record)
        else:
            try:
                found = read_good_prompts(path)
            except SketchDeskError as error:
                problems.append(of_error(error))
                continue
            rows += found.rows
            if found.problems:
                problems.append(of_bad_lines(found.problems))
        names.append(path.name)
    return Opened(tuple(rows), tuple(records), tuple(names), tuple(problems), tuple(silent))


def _saved(path: Path, rows: Sequence[PromptRow]) -> Message | None:
    try:
        write_prompts(path, rows)
    except SketchDeskError as error:
        return of_error(error)
    except OSError as error:
        return Message(_("The list could not be saved."), _("Choose another folder."), str(error), "error")
    return None
