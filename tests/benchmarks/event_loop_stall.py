"""The longest the window did not answer while an engine sends 1,000 events a second and is killed half-way, as JSON.

`python tests/benchmarks/event_loop_stall.py` opens the real window on a screen that is none, over an engine that logs
a training for ten seconds; after five it is killed and the next job begins. A timer of one millisecond measures the
gaps between two turns of the event loop. The first second, in which the pages are built, is told apart.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sketchdesk.contracts.events import JobEnded, JobStarted, MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.settings import Settings
from sketchdesk.ui import app, language
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.frame import TRAINING
from sketchdesk.workers.runner import JobRunner

ROOT = Path(__file__).resolve().parents[2]
SECONDS, KILL_AFTER_S, BUILT_S = 10.0, 5.0, 4.0
ENGINE = ROOT / "tests" / "fakes" / "engine.py"


class Pulse(QObject):
    """Measures the gaps between two turns of the event loop, and kills the engine half-way."""

    def __init__(self, window: MainWindow, runner: JobRunner) -> None:
        super().__init__()
        self._window, self._runner = window, runner
        self._pid = 0
        self._killed = False
        self.events = 0
        self.ends: list[str] = []
        self.gaps_ms: list[float] = []
        self._begun_s = self._last_s = time.perf_counter()
        self._timer = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        runner.job_started.connect(self._on_started)
        runner.metric_logged.connect(self._on_metric)
        runner.job_ended.connect(self._on_ended)

    def start(self) -> None:
        """Measure from now on."""
        self._begun_s = self._last_s = time.perf_counter()
        self._timer.start()

    @Slot()
    def _beat(self) -> None:
        now_s = time.perf_counter()
        self.gaps_ms.append((now_s - self._last_s) * 1000)
        self._last_s = now_s
        if not self._killed and now_s - self._begun_s > KILL_AFTER_S and self._pid:
            self._killed = True
            os.kill(self._pid, signal.SIGKILL)
        if now_s - self._begun_s > SECONDS:
            self._timer.stop()
            self._window.close()

    @Slot(JobStarted)
    def _on_started(self, event: JobStarted) -> None:
        self._pid = event.pid

    @Slot(MetricLogged)
    def _on_metric(self, _event: MetricLogged) -> None:
        self.events += 1

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        self.ends.append(event.state)


def measure() -> dict[str, object]:
    """Run once and return the figures."""
    application = app.make_application(["sketchdesk"])
    language.speak("en")
    runner = JobRunner(command=[sys.executable, str(ENGINE), "flood"])
    window = MainWindow(runner, SettingsStore(Settings(language="en", theme="dark")))
    window.asks_before_quitting = False
    window.show()
    window.start()
    window.findChild(QObject, "welcome").close()
    window.frame.show_page(TRAINING)
    pulse = Pulse(window, runner)
    for number in range(2):
        job = TrainJob(model="m", dataset="d", out_dir=f"out-{number}", max_train_steps=100_000)
        runner.submit(job, f"run {number}")
    QTimer.singleShot(int(BUILT_S * 1000), pulse.start)
    application.exec()
    gaps = sorted(pulse.gaps_ms)
    return {
        "seconds": SECONDS,
        "events": pulse.events,
        "ends": pulse.ends,
        "longest_gap_ms": round(gaps[-1], 1),
        "second_longest_ms": round(gaps[-2], 1),
        "gaps_over_50_ms": sum(gap > 50 for gap in gaps),
        "p99_ms": round(gaps[int(len(gaps) * 0.99)], 1),
        "load_average": os.getloadavg(),
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SKETCHDESK_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
        print(json.dumps(measure()))
