"""When something goes wrong that nobody foresaw: a report is saved and shown, and the window lives on."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot, qVersion

from sketchdesk import __version__
from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.paths import home, logs_dir
from sketchdesk.ui.shell.crash_dialog import CrashDialog

if TYPE_CHECKING:
    import asyncio

LOG_TAIL_BYTES = 20_000

log = logging.getLogger(__name__)


def report_text(error: BaseException, where: str) -> str:
    """Return everything a developer needs to know: what happened, in which version, on what system, and the log."""
    trace = "".join(traceback.format_exception(error))
    return "\n".join(
        [
            f"SketchDesk {__version__}, Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}",
            f"{datetime.now().astimezone().isoformat(timespec='seconds')}, in {where}",
            "",
            trace,
            _log_tail(),
        ]
    )


def save_report(text: str) -> Path | None:
    """Write the report into the data folder; None if even that fails."""
    path = home() / "reports" / f"{datetime.now():%Y%m%d-%H%M%S-%f}.txt"
    try:
        write_text(path, text)
    except (SketchDeskError, OSError):
        log.exception("the report could not be saved")
        return None
    return path


class CrashGuard(QObject):
    """Catches what nothing else caught, in any thread, and tells the person in the window.

    Signals:
        reported(str): A report was made; its text.
    """

    reported = Signal(str)
    _caught = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dialog: CrashDialog | None = None
        self._before: tuple[Any, Any, Any] | None = None
        # Queued even on the window's own thread: the dialog opens after the failed slot has been left.
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    @property
    def dialog(self) -> CrashDialog | None:
        """The dialog on show."""
        return self._dialog

    def install(self) -> None:
        """Take Python's hooks for the main thread, other threads and finalisers; `uninstall` gives them back."""
        self._before = (sys.excepthook, threading.excepthook, sys.unraisablehook)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread
        sys.unraisablehook = self._on_unraisable

    def install_in_loop(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take the hook of an event loop, for tasks nobody awaits."""
        loop.set_exception_handler(self._on_task)

    def uninstall(self) -> None:
        """Give Python's hooks back."""
        if self._before:
            sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
            self._before = None

    def caught(self, error: BaseException, where: str) -> None:
        """Report an error; may be called from any thread."""
        log.error("unforeseen error in %s", where, exc_info=error)
        text = report_text(error, where)
        self._caught.emit(text, save_report(text))

    def _on_exception(self, _kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        self.caught(error, "the window")

    def _on_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None and arguments.exc_type is not SystemExit:
            self.caught(arguments.exc_value, f"thread {arguments.thread.name if arguments.thread else '?'}")

    def _on_unraisable(self, arguments: sys.UnraisableHookArgs) -> None:
        if arguments.exc_value is not None:
            self.caught(arguments.exc_value, f"{arguments.err_msg or 'a finaliser'}: {arguments.object!r}")

    def _on_task(self, _loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception") or RuntimeError(context.get("message", ""))
        self.caught(error, str(context.get("message", "a task")))

    @Slot(str, object)
    def _show(self, text: str, saved: Path | None) -> None:
        """Open the dialog; while it is open further reports are only saved, so that they cannot bury the window."""
        if self._dialog is None or not self._dialog.isVisible():
            self._dialog = CrashDialog(text, saved)
            self._dialog.show()
        self.reported.emit(text)


def _log_tail() -> str:
    """Return the end of the newest log file, or nothing."""
    files = sorted(logs_dir().glob("*.log"), key=lambda path: path.stat().st_mtime)
    if not files:
        return ""
    data = files[-1].read_bytes()[-LOG_TAIL_BYTES:]
    return f"--- {files[-1].name} ---\n" + data.decode(errors="replace")
