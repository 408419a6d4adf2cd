from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QLockFile

import sketchdesk

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1])}

AT_FIRST_PAINT = """
import sys
from PySide6.QtCore import QEvent, QObject
from sketchdesk.ui import app, main_window

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            print(*sys.modules)
            watched.window().close()
        return False

watch = Watch()
show = main_window.MainWindow.show

def watched_show(window):
    window.frame.installEventFilter(watch)
    show(window)

main_window.MainWindow.show = watched_show
app.main(["sketchdesk"])
"""
LATER = {
    "torch", "numpy", "pyqtgraph", "PIL", "psutil", "asyncio", "qasync", "ssl", "email", "sketchdesk.library.export",
    "sketchdesk.ui.evaluation", "sketchdesk.ui.models", "sketchdesk.ui.shell.palette", "sketchdesk.ui.shell.welcome",
    "sketchdesk.ui.shell.help_sheet", "sketchdesk.ui.shell.settings_dialog", "sketchdesk.ui.gallery.export.dialog",
    "sketchdesk.ui.training.training_page",
}  # fmt: skip
"""What the first paint does not need and must not wait for."""


def test_the_first_paint_waits_for_nothing_it_does_not_need(home):
    script = [sys.executable, "-c", AT_FIRST_PAINT]
    done = subprocess.run(script, env=environment(), capture_output=True, text=True, check=True, timeout=120)
    loaded = set(done.stdout.split())
    assert "sketchdesk.ui.gallery.gallery_tab" in loaded
    assert loaded & LATER == set()


def environment(**more: str) -> dict[str, str]:
    return {**ENVIRONMENT, "SKETCHDESK_HOME": os.environ["SKETCHDESK_HOME"], **more}


@pytest.fixture
def start(fakes) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Opens the real window in a fresh process and closes it as soon as it is there."""

    def start(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(fakes / "hasty_user.py")],
            env=environment(**more),
            capture_output=True, text=True, check=False, timeout=120,
        )

    return start


def test_the_window_opens_closes_and_never_imports_torch(start):
    done = start()
    assert done.stdout.split() == ["0", ".", "False"]
    assert "Traceback" not in done.stderr


def test_numbers_keep_their_point_where_the_desktop_writes_commas(start):
    available = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=True).stdout.split()
    commas = [name for name in available if name.startswith(("de_", "es_", "pt_", "fr_"))]
    if not commas:
        pytest.skip("this machine has no locale with a decimal comma")
    assert start(LC_ALL=commas[0]).stdout.split()[1] == "."


def test_a_second_window_over_the_same_data_does_not_open(home, start):
    lock = QLockFile(str(home / "window.lock"))
    assert lock.tryLock(0)
    assert start().stdout.split()[0] == "1"
    lock.unlock()
    assert start().stdout.split()[0] == "0"


def test_settings_that_make_no_sense_do_not_keep_the_window_from_opening(home, start):
    (home / "settings.json").write_text('{"language": "klingon", "theme": 7, "unknown": [')
    assert start().stdout.split()[0] == "0"


AT_THE_START = """
import os
from PySide6.QtWidgets import QMainWindow
from sketchdesk import entry

def fail(window):
    raise ZeroDivisionError("there is nothing to show it on")

QMainWindow.show = fail
try:
    entry.main([])
except ZeroDivisionError:
    os._exit(7)  # as it is: threads of a window that never lived do not matter here
"""


def test_a_failure_before_the_first_paint_is_in_the_log_and_in_a_report(home):
    done = subprocess.run([sys.executable, "-c", AT_THE_START], env=environment(), check=False, timeout=120)
    assert done.returncode == 7
    (report,) = (home / "reports").iterdir()
    for file in (home / "logs" / "window.log", report):
        assert "ZeroDivisionError: there is nothing to show it on" in file.read_text()
