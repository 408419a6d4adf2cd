from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import QObject

from sketchdesk.ui.loading import load
from sketchdesk.workers.background import Background

ALL_NAMED = """
import sys
from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtWidgets import QApplication
from sketchdesk.ui.loading import load
from sketchdesk.workers.background import Background

application = QApplication(["sketchdesk"])
background = Background()

def end(module):
    made = [getattr(qt, name) for qt in (QtCore, QtGui, QtWidgets) for name in vars(qt) if name.startswith("Q")]
    print(module.__name__, "QGraphicsScene" in vars(QtWidgets) and len(made) > 500)
    application.quit()

turns = load("colorsys", background, end, application)
application.exec()
"""


@pytest.fixture
def background(qapp):
    made = Background()
    yield made
    made.shutdown()


def test_it_comes_on_this_thread_with_every_class_of_qt_made(home):
    command = [sys.executable, "-c", ALL_NAMED]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["colorsys", "True"]


def test_stopped_it_does_not_come(qtbot, background):
    came: list[object] = []
    owner = QObject()
    load("colorsys", background, came.append, owner).stop()
    load("sched", background, came.append, owner)
    qtbot.waitUntil(lambda: bool(came))
    assert [module.__name__ for module in came] == ["sched"]
