"""Modules of the window that take long to import, in a thread, without two threads making Qt's classes at once.

Qt for Python makes a class when it is first named. While one thread does that, another that does it too can crash the
program, and importing pyqtgraph names every class there is. So all of them are named on the window's thread first, a
few a turn of the event loop; a thread that imports then finds them made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module

from PySide6 import QtCore, QtGui, QtWidgets
from PySide6.QtCore import QObject

from sketchdesk.ui.turns import Turns
from sketchdesk.workers.background import Background

NAMED_IN_A_TURN = 16


def load(module: str, background: Background, then: Callable[[object], object], parent: QObject) -> Turns:
    """Import a module while the window goes on, then give it to `then` on this thread; `stop()` what is returned.

    Whoever cannot wait imports it directly, on the window's thread.
    """

    def steps() -> Iterator[None]:
        yield from _naming
        background.do(partial(import_module, module), then)

    return Turns(steps(), parent)


def _name_all() -> Iterator[None]:
    for module in (QtCore, QtGui, QtWidgets):
        names = [name for name in dir(module) if name.startswith("Q")]
        for first in range(0, len(names), NAMED_IN_A_TURN):
            for name in names[first : first + NAMED_IN_A_TURN]:
                getattr(module, name)
            yield


_naming = _name_all()
"""One for the program: several may load at once, and go on with it together."""
