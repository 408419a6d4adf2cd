"""What is done to a model on the list: held against its checksums, taken away, brought back."""

from __future__ import annotations

import threading
import time
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.hub.verify import Certainty, verify_model
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.models.notes import say_prediction
from sketchdesk.library.models.own_models import is_own_copy, trash_model
from sketchdesk.library.models.uses import short_name
from sketchdesk.library.trash.folder_trash import FolderBatch, restore_folders
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.models.adding import ModelAdder
from sketchdesk.workers.background import Background

TELL_S = 0.1


class _StopError(Exception):
    """The window closes."""


class ModelDoings(QObject):
    """Verifies one model at a time, in a thread; a file of another's is never touched.

    Signals:
        verifying(str, float): The model that is read, and how much of it was, 0..1.
        verified(str): It is done, well or not.
        changed(str): A model came or went; the name of one that came back, "" for none.
        message(Message): What came of it.
    """

    verifying = Signal(str, float)
    verified = Signal(str)
    changed = Signal(str)
    message = Signal(object)

    def __init__(self, adder: ModelAdder, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._adder = adder
        self._background = Background(self)
        self._stopped = threading.Event()
        self._told_s = 0.0
        self.at_work = ""
        """The model that is being verified."""

    def verify(self, entry: ModelEntry) -> None:
        """Read a model again and tell whether it is what it was."""
        if self.at_work:
            return
        self.at_work = entry.name
        self.verifying.emit(entry.name, 0.0)
        work = partial(verify_model, entry.path, partial(self._tell, entry.name))
        self._background.do(work, partial(self._on_whole, entry), partial(self._on_broken, entry))

    @Slot(ModelEntry, str)
    def set_prediction(self, entry: ModelEntry, predicts: str) -> None:
        """Note what the person says a model predicts; "" has it found out again."""
        try:
            say_prediction(entry.path, predicts)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
        except OSError as error:
            self.message.emit(Message(_("The model is not there any more."), details=str(error), level="warning"))
        self.changed.emit(entry.name)

    def remove(self, entry: ModelEntry) -> None:
        """Move a copy of ours to the trash, or take one that lies elsewhere off the list; both can be undone."""
        name = short_name(entry)
        try:
            if is_own_copy(entry.path):
                undo = partial(self._restore, trash_model(entry.path))
                text = _("“{name}” was moved to the trash.").format(name=name)
            else:
                self._adder.unlink(entry.name)
                undo = partial(self._relink, entry.name)
                text = _("“{name}” is no longer listed; its files stay where they are.").format(name=name)
        except SketchDeskError as error:
            self.message.emit(of_error(error))
            return
        self.changed.emit("")
        self.message.emit(Message(text, level="info", action_text=_("Undo"), action=undo))

    @Slot()
    def shutdown(self) -> None:
        """Stop what is under way and wait for its end."""
        self._stopped.set()
        self._background.shutdown()

    def _tell(self, name: str, done: int, total: int) -> None:
        """Hand the progress to the window's thread (the signal is queued there), ten times a second at most."""
        if self._stopped.is_set():
            raise _StopError
        now_s = time.monotonic()
        if now_s - self._told_s >= TELL_S:
            self._told_s = now_s
            self.verifying.emit(name, done / total)

    def _on_whole(self, entry: ModelEntry, certainty: Certainty) -> None:
        text = {
            "checksums": _("“{name}” is complete, safe to load, and every checksum is right."),
            "form": _("“{name}” is complete and safe to load; no checksums are known for it."),
        }[certainty]
        self._end(Message(text.format(name=short_name(entry)), level="good"))

    def _on_broken(self, _entry: ModelEntry, error: Exception) -> None:
        if not isinstance(error, SketchDeskError):
            self.at_work = ""
            raise error
        self._end(of_error(error))

    def _end(self, told: Message) -> None:
        name, self.at_work = self.at_work, ""
        self.verified.emit(name)
        self.message.emit(told)

    def _restore(self, batch: FolderBatch) -> None:
        back = ""
        try:
            back = next((str(place) for place in restore_folders(batch).values()), "")
        except SketchDeskError as error:
            self.message.emit(of_error(error))
        self.changed.emit(back)

    def _relink(self, name: str) -> None:
        self._adder.relink(name)
        self.changed.emit(name)
