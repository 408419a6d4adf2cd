"""Adding a model: copied into the data folder with progress, or used where it lies."""

from __future__ import annotations

import threading
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import check_model
from sketchdesk.library.models.own_models import CopyCancelledError, copy_model
from sketchdesk.library.settings import with_model, without_model
from sketchdesk.ui.message import Message, of_error
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.background import Background

TELL_S = 0.1
"""How often a copy tells how far it is."""


class ModelAdder(QObject):
    """Adds one model at a time; the source is only ever read.

    Signals:
        progress(float): How much of the copy is done, 0..1.
        ended(str): The model that was added, by its name; "" where none was.
        message(Message): What came of it.
    """

    progress = Signal(float)
    ended = Signal(str)
    message = Signal(object)

    def __init__(self, store: SettingsStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._background = Background(self)
        self._cancelled = threading.Event()
        self._told_s = 0.0
        self.is_busy = False

    def copy(self, source: Path) -> None:
        """Copy a model folder or file into the data folder."""
        if not self.is_busy:
            self._begin()
            work = partial(copy_model, source, self._tell, self._cancelled.is_set)
            self._background.do(work, self._on_copied, self._on_failed)

    def link(self, source: Path) -> None:
        """Remember where a model lies, and use it there."""
        if not self.is_busy:
            self._begin()
            self._background.do(partial(_checked, source), self._on_linked, self._on_failed)

    def unlink(self, name: str) -> None:
        """Forget a model that lies elsewhere; its files stay as they are."""
        self._store.alter(partial(without_model, path=name))

    def relink(self, name: str) -> None:
        """Remember it again."""
        self._store.alter(partial(with_model, path=name))

    @Slot()
    def cancel(self) -> None:
        """Stop the copy; what was copied is taken away again."""
        self._cancelled.set()

    def shutdown(self) -> None:
        """Stop whatever is under way and wait for its end."""
        self._cancelled.set()
        self._background.shutdown()

    def _begin(self) -> None:
        self._cancelled.clear()
        self.is_busy = True

    def _tell(self, fraction: float) -> None:
        """Hand the progress to the window's thread (the signal is queued there), ten times a second at most."""
        now = time.monotonic()
        if now - self._told_s >= TELL_S or fraction >= 1:
            self._told_s = now
            self.progress.emit(fraction)

    def _on_copied(self, made: Path) -> None:
        self._finish(str(made), Message(_("“{name}” was copied.").format(name=made.name), level="good"))

    def _on_linked(self, source: Path) -> None:
        self.relink(str(source))
        text = _("“{name}” was added; it stays where it is.").format(name=source.name)
        self._finish(str(source), Message(text, level="good"))

    def _on_failed(self, error: Exception) -> None:
        match error:
            case CopyCancelledError():
                told = Message(_("The copy was canceled; nothing of it is left."))
            case SketchDeskError():
                told = of_error(error)
            case _:
                told = Message(_("The model could not be added."), _("See the details."), str(error), "error")
        self._finish("", told)

    def _finish(self, name: str, told: Message) -> None:
        self.is_busy = False
        self.message.emit(told)
        self.ended.emit(name)


def _checked(source: Path) -> Path:
    check_model(source)
    return source
