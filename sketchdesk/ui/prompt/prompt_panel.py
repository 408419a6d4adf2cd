"""The prompt panel: what to draw and how, kept as it is typed, handed over as jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import DeviceFound, JobEnded
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.draft import Draft, DraftKeeper, load_draft
from sketchdesk.library.drawing.found_here import found_here
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.ui.actions import ActionSpec
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.prompt.draw_bar import DrawBar
from sketchdesk.ui.prompt.draw_outlook import DrawOutlook
from sketchdesk.ui.prompt.draw_wishes import DrawWishes
from sketchdesk.ui.prompt.first_draft import first_draft
from sketchdesk.ui.prompt.job_building import draft_of_job, draft_of_records
from sketchdesk.ui.prompt.panel_actions import specs_of
from sketchdesk.ui.prompt.panel_files import PanelFiles
from sketchdesk.ui.prompt.prompt_editor import PromptEditor
from sketchdesk.ui.prompt.prompt_form import PromptForm
from sketchdesk.ui.prompt.start_files import StartFiles
from sketchdesk.ui.prompt.taken_told import taken_told
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.column_scroll import ColumnScroll
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

NARROWEST_PX, USUAL_PX = 280, 300

JSON = Any


class PromptPanel(QFrame):
    """Prompts, fields, and the buttons that draw.

    Signals:
        generate_requested(object): The person wants these GenerateJobs now; a list.
        queue_requested(object): The person wants them after all that waits; a list.
        convert_requested(ConvertJob): A model of an old kind is to be converted.
        value_changed(): Something in the panel is different now.
        message(Message): Something to tell.
    """

    generate_requested = Signal(object)
    queue_requested = Signal(object)
    convert_requested = Signal(object)
    value_changed = Signal()
    message = Signal(Message)
    _disk_refused = Signal(object)

    def __init__(self, runner: JobRunner, store: SettingsStore, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("prompt_panel")
        self._store = store
        self._is_loading = False
        self._is_shut = False
        self.editor, self.form = PromptEditor(), PromptForm()
        self.bar = DrawBar(self.form.keep)
        self._wishes = DrawWishes(self)
        self._background = Background(self, threads=1)
        self._files = PanelFiles(self.editor, self.form, self._background, self)
        self.start = StartFiles(self.form.start, self._background, self)
        self.outlook = DrawOutlook(self, self._background)
        self._keeper = DraftKeeper(self._disk_refused.emit)
        self._build()
        self._connect(runner)
        self.retranslate()
        self._restore(load_draft() or first_draft(store.value))

    # --- the value -----------------------------------------------------------------------------------------------

    def value(self) -> GenerateJob:
        """Return the job as it stands in the panel, the prompt still being written included.

        Where a field's text means nothing, what it meant last counts; `problem()` tells.
        """
        return self.form.job(self.editor.rows(), self._store.value)

    def set_value(self, job: GenerateJob) -> None:
        """Show a job. Its folder, batch size and threads are not the panel's, but the settings' and the engine's."""
        self._replace(draft_of_job(job))

    def draft(self) -> Draft:
        """Return everything as it is typed."""
        return self.form.draft(self.editor.draft_rows(), self.editor.entry.text())

    def problem(self) -> str:
        """Return why there is nothing to draw, "" where there is; marks the fields."""
        reason = self.form.check()
        return reason or ("" if self.editor.rows() else _("Write a prompt first."))

    def use_record(self, record: ImageRecord) -> None:
        """Show how an image was made; what the panel held before can be brought back."""
        self.use_records([record])

    @Slot(object)
    def use_records(self, records: list[ImageRecord]) -> None:
        """Show how images were made: the first one's settings, and a row with a seed for each."""
        before = self.draft()
        wanted = draft_of_records([found_here(records[0]), *records[1:]], before)
        missing = self._missing_model(wanted.model)
        self._replace(msgspec.structs.replace(wanted, model=before.model) if missing else wanted)
        self.message.emit(taken_told(records, missing, lambda: self._replace(before)))

    # --- what is here --------------------------------------------------------------------------------------------

    def set_models(self, models: list[ModelEntry]) -> None:
        """Offer the models that can draw; broken ones are shown with the reason."""
        self.outlook.forget()
        self.form.set_models(models)

    def set_devices(self, devices: tuple[DeviceFound, ...]) -> None:
        """Offer the devices that work here, the best first."""
        self.form.place.set_devices(devices)

    def set_model(self, name: str) -> None:
        """Choose a model by its name."""
        self.form.model.choose(name)

    def open_lists(self, paths: list[Path]) -> None:
        """Add the prompts of lists and weight files, and take the settings of images."""
        self._files.open(paths)

    def start_from(self, path: Path) -> None:
        """Draw from a picture."""
        self.start.start_from(path)

    def ask_open(self) -> None:
        """Let the person choose lists, or images for their settings."""
        self._files.ask_open()

    def ask_save(self) -> None:
        """Let the person choose where to save the list."""
        self._files.ask_save()

    # --- the window's business -----------------------------------------------------------------------------------

    def retranslate(self) -> None:
        """Take the language in use."""
        for part in (self.editor, self.form, self.bar):
            part.retranslate()
        self.outlook.soon()

    def action_specs(self) -> list[ActionSpec]:
        """Return what can be done here, for menus, palette and help."""
        return specs_of(self)

    def save_state(self) -> dict[str, JSON]:
        """Return how the panel looks; what it holds is the draft's."""
        return {"more_settings": self.form.fold.is_open}

    def restore_state(self, state: dict[str, JSON]) -> None:
        """Look as save_state said."""
        self.form.fold.set_open(state.get("more_settings") is True)

    def shutdown(self) -> None:
        """Write the draft and end the thread."""
        if self._is_shut:
            return
        self._keeper.keep(self.draft())
        self._is_shut = True
        self.outlook.stop()
        self._keeper.close()
        self._background.shutdown()

    # --- drawing -------------------------------------------------------------------------------------------------

    def generate(self) -> None:
        """Ask for the pictures now."""
        self._wishes.generate()

    def add_to_queue(self) -> None:
        """Ask for the pictures after all that waits."""
        self._wishes.add_to_queue()

    def draw_pair(self) -> None:
        """Ask for the pictures of two models at the same seeds; perhaps a menu asks which."""
        self._wishes.draw_pair()

    # --- files ---------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files; anything else is not the panel's."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read the files that were dropped."""
        self.open_lists([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter draws, with Shift it queues, also where the window has no menus."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.add_to_queue() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self.generate()
        else:
            super().keyPressEvent(event)

    # --- how it goes on ------------------------------------------------------------------------------------------

    def _build(self) -> None:
        set_role(self, "panel-left")
        self.setMinimumWidth(NARROWEST_PX)
        self.setAcceptDrops(True)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 12, 16, 8)
        column.setSpacing(12)
        column.addWidget(self.editor, 1)
        column.addWidget(self.form)
        self.setFocusProxy(self.editor.entry)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(ColumnScroll("prompt_scroll", inside), 1)
        layout.addWidget(self.bar)

    def _connect(self, runner: JobRunner) -> None:
        self._disk_refused.connect(self._on_disk_refused, Qt.ConnectionType.QueuedConnection)
        self.editor.changed.connect(self._on_changed)
        self.form.changed.connect(self._on_changed)
        self._files.records_opened.connect(self.use_records)
        self._files.start_wanted.connect(self.start.start_from)
        self._files.convert_wanted.connect(self.convert_requested)
        self._files.message.connect(self.message)
        self.start.message.connect(self.message)
        self.form.fold.picture_wanted.connect(self.start.ask_picture)
        self.form.fold.picture_dropped.connect(self.start.start_from)
        self._wishes.generate_requested.connect(self.generate_requested)
        self._wishes.queue_requested.connect(self.queue_requested)
        self._wishes.refused.connect(self.outlook.look)
        self.outlook.known.connect(self._wishes.take_outlook)
        self.bar.generate_pressed.connect(self._wishes.generate)
        self.bar.pair_pressed.connect(self._wishes.draw_pair)
        self.bar.queue_pressed.connect(self._wishes.add_to_queue)
        runner.job_ended.connect(self._on_job_ended)
        self._store.changed.connect(self._on_changed)

    def _restore(self, draft: Draft) -> None:
        """Show a draft as it was left; there is nothing to undo yet."""
        self._is_loading = True
        self.editor.model.restore(draft.rows)
        self.editor.entry.setText(draft.entry)
        self.form.set_draft(draft)
        self._is_loading = False
        self._on_changed()

    def _replace(self, draft: Draft) -> None:
        """Show another draft; Ctrl+Z in the list brings the prompts back."""
        self.editor.model.set_rows(draft.rows)
        self.editor.entry.setText(draft.entry)
        self.form.set_draft(draft)

    def _missing_model(self, name: str) -> str:
        """Return a model's name where models are known and it is not among them, else ""."""
        choice = self.form.model
        known = {entry.name for entry in choice.drawable()} | {str(entry.path) for entry in choice.drawable()}
        return name if known and name not in known else ""

    @Slot()
    def _on_changed(self) -> None:
        if self._is_loading or self._is_shut:
            return
        self._keeper.keep(self.draft())
        self.outlook.soon()
        self.value_changed.emit()

    @Slot(JobEnded)
    def _on_job_ended(self, _event: JobEnded) -> None:
        self.outlook.forget()
        if not self._is_shut:
            self.outlook.soon()

    @Slot(object)
    def _on_disk_refused(self, error: SketchDeskError) -> None:
        self.message.emit(of_error(error))
