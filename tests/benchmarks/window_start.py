"""How long from starting the process to the first painted window: five cold processes, the median, as JSON.

`python tests/benchmarks/window_start.py` starts SketchDesk as a person does, on a screen that is none, with an empty
data folder, and takes the time at which the main window's first paint has ended. Modules are compiled before, by one
start that is not counted, as an installed program's are.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STARTS = 5

CHILD = """
import sys, time
started_s = float(sys.argv[1])
from sketchdesk import entry
from sketchdesk.ui import quick_start
quick_start.begin()  # as the start does that is called below, which then imports nothing of Qt for the first time
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QMainWindow

class Watch(QObject):
    # Lets the screen's first event paint the window, and tells when that is done.

    def eventFilter(self, watched, event):
        if event.type() not in (QEvent.Type.Expose, QEvent.Type.UpdateRequest):
            return False
        watched.removeEventFilter(self)
        paints.begin()
        QCoreApplication.sendEvent(watched, event)
        self.tell() if paints.seen else watched.installEventFilter(self)
        return True

    def tell(self):
        heavy = [name for name in ("torch", "numpy", "pyqtgraph") if name in sys.modules]
        print(time.time() - started_s, time.process_time(), *heavy, flush=True)
        import os
        os._exit(0)

class Paints(QObject):
    # Notes that the window has been painted.

    seen = False

    def begin(self):
        window.frame.installEventFilter(self)

    def eventFilter(self, watched, event):
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False

watch, paints = Watch(), Paints()
show = QMainWindow.show

def watched_show(shown):
    global window
    window = shown
    show(window)
    window.windowHandle().installEventFilter(watch)

QMainWindow.show = watched_show
entry.main([])
"""


def start(home: str, cache: str) -> tuple[float, float, list[str]]:
    """Start once; return seconds on the clock, seconds of computing, and which heavy libraries were imported."""
    environment = {**os.environ, "SKETCHDESK_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = cache
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(time.time())], env=environment, capture_output=True, text=True, check=True
    )
    clock_s, computing_s, *heavy = done.stdout.split()
    return float(clock_s), float(computing_s), heavy


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        start(f"{folder}/warm", f"{folder}/cache")
        starts = [start(f"{folder}/{number}", f"{folder}/cache") for number in range(STARTS)]
    print(
        json.dumps(
            {
                "starts": STARTS,
                "median_s": round(statistics.median(clock for clock, _computing, _heavy in starts), 3),
                "median_computing_s": round(statistics.median(computing for _clock, computing, _heavy in starts), 3),
                "all_s": [round(clock, 3) for clock, _computing, _heavy in starts],
                "imported": sorted({name for _clock, _computing, heavy in starts for name in heavy}),
                "load_average": os.getloadavg(),
            }
        )
    )


if __name__ == "__main__":
    main()
