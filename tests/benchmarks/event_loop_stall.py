"""The longest the window did not answer while a person does what costs it most, as JSON.

`python tests/benchmarks/event_loop_stall.py` opens the real window on a screen that is none and, one after the other:
shows each tab for the first time, opens a run of 100,000 steps, adds a prompt to 10,000, switches the theme and the
language, and watches an engine that logs 1,000 events a second, is killed half-way, and is followed by the next job.
A timer of one millisecond measures the gaps between two turns of the event loop: on the clock, and what the window's
thread itself computed in them, which other programs on the machine do not change much.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import JobEnded, JobStarted, MetricLogged, StepDone
from sketchdesk.contracts.jobs import PromptRow, TrainJob
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.events import EVENTS_FILE
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.settings import Settings
from sketchdesk.ui import app, language, quick_start
from sketchdesk.ui.garbage import GarbageCollector
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING
from sketchdesk.workers.runner import JobRunner

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "tests" / "fakes" / "engine.py"
SETTLED_S, SHOWN_S, FLOOD_S, KILL_AFTER_S = 4.0, 8.0, 10.0, 5.0
LONG_STEPS = 100_000


class Pulse(QObject):
    """Measures the gaps between two turns of the event loop."""

    def __init__(self) -> None:
        super().__init__()
        self._gaps: list[tuple[float, float]] = []
        self._last = (0.0, 0.0)
        self._timer = QTimer(self, interval=1, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def measure(self, seconds: float, begin: Callable[[], object]) -> dict[str, object]:
        """Begin something, let the window live for so long and return the figures."""
        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        self._gaps, self._last = [], _now()
        self._timer.start()
        begin()
        loop.exec()
        self._beat()
        self._timer.stop()
        clock, computed = (sorted(gap[kind] * 1000 for gap in self._gaps) for kind in (0, 1))
        return {
            "longest_ms": [round(gap, 1) for gap in clock[:-4:-1]],
            "over_50_ms": sum(gap > 50 for gap in clock),
            "longest_computing_ms": [round(gap, 1) for gap in computed[:-4:-1]],
            "computing_over_50_ms": sum(gap > 50 for gap in computed),
        }

    @Slot()
    def _beat(self) -> None:
        now = _now()
        self._gaps.append((now[0] - self._last[0], now[1] - self._last[1]))
        self._last = now


class Killer(QObject):
    """Kills the engine at work when told to, and counts what it and its successor say."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self._pid = 0
        self.events = 0
        self.ends: list[str] = []
        runner.job_started.connect(self._on_started)
        runner.metric_logged.connect(self._on_metric)
        runner.job_ended.connect(self._on_ended)

    @Slot()
    def kill(self) -> None:
        """Kill the engine."""
        os.kill(self._pid, signal.SIGKILL)

    @Slot(JobStarted)
    def _on_started(self, event: JobStarted) -> None:
        self._pid = event.pid

    @Slot(MetricLogged)
    def _on_metric(self, _event: MetricLogged) -> None:
        self.events += 1

    @Slot(JobEnded)
    def _on_ended(self, event: JobEnded) -> None:
        self.ends.append(event.state)


def main() -> None:
    """Measure and print."""
    quick_start.begin()
    application = app.make_application(["sketchdesk"])
    language.speak("en")
    long_run, short_run = _past_run("long", LONG_STEPS), _past_run("short", 100)
    runner = JobRunner(command=[sys.executable, str(ENGINE), "flood"])
    store = SettingsStore(Settings(language="en", theme="dark"))
    window = MainWindow(runner, store)
    window.asks_before_quitting = False
    window.show()
    application.processEvents()  # the first paint, as the program does it
    window.start()
    QTimer.singleShot(app.SETTLED_MS, GarbageCollector(application).begin)
    window.findChild(QObject, "welcome").close()
    pulse, killer = Pulse(), Killer(runner)
    print(json.dumps({"short run": short_run.id, "settling": pulse.measure(SETTLED_S, lambda: None)}))
    for what, begin in {
        "training tab, first time": partial(window.frame.show_page, TRAINING),
        "a run of 100,000 steps": lambda: window.training.page.runs.select(long_run.id),
        "evaluation tab, first time": partial(window.frame.show_page, EVALUATION),
        "models tab, first time": partial(window.frame.show_page, MODELS),
        "10,000 prompts": partial(_fill, window),
        "one more prompt": partial(_add_prompt, window),
        "another theme": partial(store.change, theme="light"),
        "the theme again": partial(store.change, theme="dark"),
        "another language": partial(store.change, language="es"),
    }.items():
        print(json.dumps({what: pulse.measure(SHOWN_S, begin)}), flush=True)
    print(json.dumps({"1,000 events/s, killed": _flood(runner, pulse, killer), "load": os.getloadavg()}))
    window.close()
    application.processEvents()


def _flood(runner: JobRunner, pulse: Pulse, killer: Killer) -> dict[str, object]:
    for number in range(2):
        job = TrainJob(model="m", dataset="d", out_dir=f"out-{number}", max_train_steps=30_000)
        runner.submit(job, f"run {number}")
    pulse.measure(SETTLED_S, lambda: None)
    before = killer.events
    QTimer.singleShot(round(KILL_AFTER_S * 1000), killer.kill)
    return pulse.measure(FLOOD_S, lambda: None) | {"events": killer.events - before, "ends": killer.ends}


def _fill(window: MainWindow) -> None:
    window.frame.show_page(GALLERY)
    window.prompt.editor.model.set_rows([PromptRow(prompt=f"a zebra, number {number}") for number in range(10_000)])
    window.prompt.editor.entry.setText("a giraffe")


def _add_prompt(window: MainWindow) -> None:
    QTest.keyClick(window.prompt.editor.entry, Qt.Key.Key_Return)


def _past_run(title: str, steps: int) -> Run:
    """Write a training that has ended, with all it logged."""
    run = runs.create_run(TrainJob(model="m", dataset="d", out_dir=f"out-{title}", max_train_steps=steps), title)
    runs.start(run, os.getpid())
    lines = [wire.encode(JobStarted(job_id=run.id, time_s=0.0, pid=1, device="cpu"))]
    for step in range(1, steps + 1):
        values = {"loss": 1 / step, "lr": 1e-4, "grad_norm": 0.5, "images_per_s": 7.0, "memory_gib": 1.0}
        lines.append(wire.encode(MetricLogged(job_id=run.id, time_s=float(step), step=step, values=values)))
        lines.append(wire.encode(StepDone(job_id=run.id, time_s=float(step), step=step, total=steps)))
    ended = JobEnded(job_id=run.id, time_s=steps + 1.0, state="done")
    (run.folder / EVENTS_FILE).write_bytes(b"".join([*lines, wire.encode(ended)]))
    runs.finish(run, ended)
    return run


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.thread_time()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"SKETCHDESK_HOME": home, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
        main()
