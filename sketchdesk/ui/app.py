"""Start the window: application, language, logs, hooks, the first paint, and then the event loop."""

from __future__ import annotations

import locale
import os
import signal
import sys
from collections.abc import Sequence

from PySide6.QtCore import QLockFile, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QMessageBox

from sketchdesk import __version__
from sketchdesk.contracts.text import _
from sketchdesk.library.logs import begin_logging, setup_logging
from sketchdesk.library.paths import home
from sketchdesk.library.settings import load_settings
from sketchdesk.ui import language
from sketchdesk.ui.garbage import GarbageCollector
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.crash import CrashGuard
from sketchdesk.ui.theme.manager import theme
from sketchdesk.workers.runner import JobRunner

LOG = "window"
"""What the window's log file is called."""
QUIT_VARIABLE = "SKETCHDESK_QUIT_AFTER_PAINT"
"""Set by the bundle's smoke test: the window opens, lives for a moment and closes by itself."""
QUIT_MS = 2000
SETTLED_MS = 5000
"""By then the window has put together what it will be made of."""


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and return its exit status when it is closed."""
    application = make_application(sys.argv if argv is None else argv)
    settings = load_settings()
    folder = DataFolder()
    if not folder.take():  # two windows over one queue would both run its jobs
        theme().apply(settings.theme)
        language.speak(settings.language)
        QMessageBox.information(
            None, _("SketchDesk"), _("SketchDesk is already open. Look for its window in the task bar.")
        )
        return 1
    begin_logging(LOG)
    guard = CrashGuard(application)
    guard.install()
    # Ctrl+C in a terminal ends the window at once; what was working is offered for resuming at the next start.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        window = MainWindow(JobRunner(application), SettingsStore(settings, application))
        window.watch.folder_made_again.connect(folder.take_again)
        window.show()
        application.processEvents()  # the first paint; what only matters after it is loaded and done after it
        setup_logging(LOG)
        QTimer.singleShot(0, window.start)
        QTimer.singleShot(SETTLED_MS, GarbageCollector(application).begin)
        if os.environ.get(QUIT_VARIABLE):
            QTimer.singleShot(QUIT_MS, window.close)
        live(application, window, guard)
    except Exception as error:
        guard.caught(error, "the start or the end")
        raise
    finally:
        guard.uninstall()
        folder.leave()
    return 0


class DataFolder(QObject):
    """This window's hold on the data folder: the lock that keeps a second window out, and the log in it."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = QLockFile(str(home() / "window.lock"))
        self._lock.setStaleLockTime(0)  # only its owner's death makes a lock stale, never its age

    def take(self) -> bool:
        """Lock the folder; False where another window has it."""
        return self._lock.tryLock(0)

    @Slot()
    def take_again(self) -> None:
        """The folder was deleted and made again: neither lock nor log is in it any more."""
        self._lock.unlock()
        if self.take():
            setup_logging(LOG)

    def leave(self) -> None:
        """Let another window have the folder."""
        self._lock.unlock()


def make_application(argv: Sequence[str]) -> QApplication:
    """Return the QApplication, with numbers written the C way again, as every library but Qt expects them."""
    application = QApplication(list(argv))
    locale.setlocale(locale.LC_NUMERIC, "C")
    application.setApplicationName("SketchDesk")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("sketchdesk")
    return application


def live(application: QApplication, window: MainWindow, guard: CrashGuard) -> None:
    """Run the event loop, in which asyncio's tasks run too, until the window is closed or the system ends it."""
    import asyncio  # with the networking it brings, as long to load as the whole window is to put together

    from qasync import QEventLoop

    async def until_closed() -> None:
        closed = asyncio.Event()
        application.aboutToQuit.connect(closed.set)
        window.closed.connect(closed.set)
        if not window.is_closed:
            await closed.wait()

    with QEventLoop(application) as loop:
        guard.install_in_loop(loop)
        loop.run_until_complete(until_closed())
