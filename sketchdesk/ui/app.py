"""Start the window: application, language, logs, hooks, event loop."""

from __future__ import annotations

import asyncio
import locale
import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QLockFile
from PySide6.QtWidgets import QApplication, QMessageBox
from qasync import QEventLoop

from sketchdesk import __version__
from sketchdesk.contracts.text import _
from sketchdesk.library.logs import setup_logging
from sketchdesk.library.paths import home
from sketchdesk.library.settings import load_settings
from sketchdesk.ui import language
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.shell.crash import CrashGuard
from sketchdesk.workers.runner import JobRunner


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and return its exit status when it is closed."""
    application = make_application(sys.argv if argv is None else argv)
    settings = load_settings()
    language.speak(settings.language)
    lock = QLockFile(str(home() / "window.lock"))
    lock.setStaleLockTime(0)  # only its owner's death makes a lock stale, never its age
    if not lock.tryLock(0):  # two windows over one queue would both run its jobs
        QMessageBox.information(None, _("SketchDesk"), _("SketchDesk is already open."))
        return 1
    setup_logging("window")
    guard = CrashGuard(application)
    guard.install()
    # Ctrl+C in a terminal ends the window at once; what was working is offered for resuming at the next start.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window = MainWindow(JobRunner(application), settings)
    window.show()
    try:
        with QEventLoop(application) as loop:
            guard.install_in_loop(loop)
            loop.call_soon(window.offer_interrupted)
            loop.run_until_complete(until_quit())
    finally:
        guard.uninstall()
        lock.unlock()
    return 0


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the QApplication, with numbers written the C way again, as every library but Qt expects them."""
    application = QApplication(list(argv))
    locale.setlocale(locale.LC_NUMERIC, "C")
    application.setApplicationName("SketchDesk")
    application.setApplicationVersion(__version__)
    return application


async def until_quit() -> None:
    """Wait until the last window is closed."""
    application = QCoreApplication.instance()
    assert application is not None
    closed = asyncio.Event()
    application.aboutToQuit.connect(closed.set)
    await closed.wait()
