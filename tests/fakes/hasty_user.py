"""The program, whose user closes whatever it shows; then it prints how it ended and what it made of the process.

A line: the exit status, the decimal point of the process, whether torch was imported. Exits as the program does.
"""

from __future__ import annotations

import locale
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from sketchdesk.ui import app

make_application = app.make_application


def make_and_close_soon(arguments: list[str]) -> QApplication:
    """Make the application as ever, and close its windows as soon as there are any."""
    application = make_application(arguments)
    timer = QTimer(application, interval=50)
    timer.timeout.connect(application.closeAllWindows)
    timer.start()
    return application


if __name__ == "__main__":
    app.make_application = make_and_close_soon
    status = app.main(["sketchdesk"])
    print(status, locale.localeconv()["decimal_point"], "torch" in sys.modules)  # noqa: T201
    sys.exit(status)
