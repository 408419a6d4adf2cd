"""What comes of files in the prompt panel: prompts are added, settings taken, models offered, and each is told."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import ConvertJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.message import Message
from sketchdesk.ui.prompt.added_drops import WEIGHT_SUFFIXES, AddedDrops
from sketchdesk.ui.prompt.few_steps_offer import FewStepsOffer
from sketchdesk.ui.prompt.list_files import ListFiles, Opened
from sketchdesk.ui.prompt.model_choice import why_not
from sketchdesk.ui.prompt.prompt_editor import PromptEditor
from sketchdesk.ui.prompt.prompt_form import PromptForm
from sketchdesk.workers.background import Background


class PanelFiles(QObject):
    """Connects the editor's and the form's wishes for files with their answers.

    Signals:
        records_opened(list): Images were opened; the ImageRecords that they hold.
        start_wanted(Path): A picture is to be drawn from.
        convert_wanted(ConvertJob): A model of an old kind is to be converted.
        message(Message): What came of it.
    """

    records_opened = Signal(object)
    start_wanted = Signal(Path)
    convert_wanted = Signal(object)
    message = Signal(Message)

    def __init__(self, editor: PromptEditor, form: PromptForm, background: Background, window: QWidget) -> None:
        super().__init__(window)
        self._editor, self._form = editor, form
        self._files = ListFiles(background, window)
        self._drops = AddedDrops(background, self)
        self._few_steps = FewStepsOffer(form, background, self)
        self._few_steps.message.connect(self.message)
        editor.open_wanted.connect(self.ask_open)
        editor.save_wanted.connect(self.ask_save)
        editor.sample_wanted.connect(self._on_sample)
        editor.model.lines_unclear.connect(self._on_lines_unclear)
        form.model.folder_wanted.connect(self._files.ask_model)
        form.file_wanted.connect(self._on_file_wanted)
        self._files.opened.connect(self._on_opened)
        self._files.saved.connect(self._on_saved)
        self._files.model_described.connect(self._on_model_described)
        self._files.files_chosen.connect(self._drops.look)
        self._drops.added.connect(form.add_file)
        self._drops.model_described.connect(self._on_model_described)
        self._drops.old_model_found.connect(self._on_old_model)
        self._files.message.connect(self.message)

    def open(self, paths: list[Path]) -> None:
        """Add the prompts of lists and weight files, and take the settings of images."""
        weights = [path for path in paths if path.suffix.lower() in WEIGHT_SUFFIXES]
        if weights:
            self._drops.look(weights)
        if lists := [path for path in paths if path not in weights]:
            self._files.read(lists)

    @Slot()
    def ask_open(self) -> None:
        """Let the person choose lists, or images for their settings."""
        self._files.ask_open()

    @Slot()
    def ask_save(self) -> None:
        """Let the person choose where to save the list."""
        self._files.ask_save(self._editor.model.rows())

    @Slot(object)
    def _on_sample(self, path: Path) -> None:
        self.open([path])

    @Slot(Opened)
    def _on_opened(self, opened: Opened) -> None:
        if opened.records:
            self.records_opened.emit(list(opened.records))
        if opened.rows:
            model, count = self._editor.model, len(opened.rows)
            first = model.rowCount()
            model.add(opened.rows)
            self._editor.view.choose([first])
            text = ngettext("{count} prompt was added.", "{count} prompts were added.", count).format(count=count)
            self.message.emit(Message(text, level="good", action_text=_("Undo"), action=model.undo))
        for problem in opened.problems:  # last, so that it is on show; what was added can be looked up
            self.message.emit(problem)
        for path in opened.silent:
            self.message.emit(self._silent_image(path))

    @Slot(object)
    def _on_lines_unclear(self, problems: list[SketchDeskError]) -> None:
        details = "\n".join(problem.message for problem in problems) if len(problems) > 1 else ""
        step = _("It stands in the list as it was written; correct it there.")
        self.message.emit(Message(problems[0].message, step, details, "warning"))

    def _silent_image(self, path: Path) -> Message:
        return Message(
            _("{file} does not say how it was made.").format(file=path.name),
            _("Images drawn here, or by A1111, InvokeAI or ComfyUI, do."),
            level="warning", action_text=_("Start from it"), action=partial(self.start_wanted.emit, path),
        )  # fmt: skip

    @Slot()
    def _on_file_wanted(self) -> None:
        self._files.ask_added(self._form.fold.checks["allow_pickle"].isChecked())

    @Slot(Path)
    def _on_old_model(self, path: Path) -> None:
        text = _("“{name}” is an old kind of file, which can run code when it is read.").format(name=path.name)
        convert = partial(self.convert_wanted.emit, ConvertJob(path=str(path)))
        self.message.emit(Message(
            text, _("Convert it, and choose the new one; this file stays as it is."), level="warning",
            action_text=_("Convert to safetensors"), action=convert,
        ))

    @Slot(str)
    def _on_saved(self, name: str) -> None:
        self.message.emit(Message(_("The list was saved as {name}.").format(name=name), level="good"))

    @Slot(ModelEntry)
    def _on_model_described(self, entry: ModelEntry) -> None:
        reason = why_not(entry)
        if reason:
            self.message.emit(Message(reason, _("Choose a folder with model_index.json in it."), level="error"))
        else:
            self._form.model.add(entry)
