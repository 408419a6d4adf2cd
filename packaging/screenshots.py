"""Take pictures of every screen, from a real run of the demo, with no display needed.

    python packaging/screenshots.py OUT [--home DIR] [--only WORD]

The first time, the whole loop is done in the window's own way: draw, train, compare (about a quarter of an hour on two
cores); its data folder is kept in --home (default OUT/home) for the next time. Then every tab, dialog and empty state
is taken in both themes, three languages and two sizes. --only takes the screens whose name holds WORD.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.paths import HOME_VARIABLE
from sketchdesk.library.run_state import ACTIVE, RunState
from sketchdesk.library.settings import Settings
from sketchdesk.library.study_presets import REPORT_PROMPTS
from sketchdesk.ui.app import make_application
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, MODELS, TRAINING
from sketchdesk.workers.runner import JobRunner

SIZES_PX = {"1280x800": (1280, 800), "1920x1080": (1920, 1080)}
SETTLE_MS = 900
LOOP_DONE = "loop-done"
PROMPTS = (*(drawn for _asked, drawn in REPORT_PROMPTS), "a castle", "an owl at night", "a fox in a forest", "a rocket")


def wait(milliseconds: int) -> None:
    """Let the window live for a while."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for_jobs(runner: JobRunner) -> None:
    """Let the window live until nothing waits or works."""
    busy = ACTIVE | {RunState.QUEUED}
    while any(runner.state(job_id) in busy for job_id in runner.job_ids()):
        wait(500)
    wait(1500)


def do_the_loop(window: MainWindow, runner: JobRunner) -> None:
    """Draw with the base, train the sketch style, compare, and draw with the tuned model."""
    rows = tuple(PromptRow(prompt=prompt) for prompt in PROMPTS)
    window.prompt.set_value(GenerateJob(model="demo-base", prompts=rows, out_dir="", count=2, seed=1000))
    wait(1500)
    window.prompt.generate()
    wait_for_jobs(runner)
    window.frame.show_page(TRAINING)
    wait(4000)
    window.training.page.start_demo()
    wait(1000)
    wait_for_jobs(runner)
    window.frame.show_page(EVALUATION)
    wait(1500)
    window.evaluation.maker.start_preset("both")
    wait_for_jobs(runner)
    window.prompt.draw_pair()
    wait_for_jobs(runner)


class Photographer:
    """Takes the screens of one window into a folder."""

    def __init__(self, window: MainWindow, out: Path, only: str) -> None:
        self._window, self._out, self._only = window, out, only
        self._look = ""

    def dress(self, store: SettingsStore, theme: str, language: str, size: str) -> None:
        """Switch theme, language and size, live."""
        store.change(theme=theme, language=language)
        self._window.resize(*SIZES_PX[size])
        self._look = f"{theme}-{language}-{size}"
        wait(SETTLE_MS)

    def take(self, name: str, show: Callable[[], object], close: Callable[[], object] | None = None) -> None:
        """Bring a screen about, take it (a dialog over it too), and close it again."""
        if self._only not in name:
            return
        show()
        wait(SETTLE_MS)
        self._window.grab().save(str(self._out / f"{name}-{self._look}.png"))
        for dialog in open_dialogs():
            dialog.grab().save(str(self._out / f"{name}-dialog-{self._look}.png"))
        if close:
            close()
        for dialog in open_dialogs():
            dialog.close()
        wait(200)


def open_dialogs() -> list[QWidget]:
    """Return the dialogs and boxes on show."""
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QDialog) and widget.isVisible()]


def screens(window: MainWindow) -> list[tuple[str, Callable[[], object], Callable[[], object] | None]]:
    """Return every screen: its name, how to show it, how to leave it."""
    page, gallery, grid = window.frame.show_page, window.gallery, window.gallery.grid

    def pick() -> None:
        page(GALLERY)
        grid.setFocus()
        grid.setCurrentIndex(grid.model().index(1, 0))

    def compare() -> None:
        pick()
        wait(600)
        gallery.compare()

    def enlarge() -> None:
        pick()
        wait(600)
        gallery.open_current()

    return [
        ("gallery", pick, None),
        ("compare", compare, gallery.show_grid),
        ("enlarged", enlarge, gallery.show_grid),
        ("export", lambda: (pick(), gallery.export()), None),
        ("training", partial(page, TRAINING), None),
        ("evaluation", partial(page, EVALUATION), None),
        ("study-form", lambda: (page(EVALUATION), window.evaluation.maker.new_study()), None),
        ("models", partial(page, MODELS), None),
        ("queue", lambda: (page(GALLERY), window.frame.show_queue(True)), partial(window.frame.show_queue, False)),
        ("palette", lambda: (page(GALLERY), window.show_palette()), window.palette_box.close),
        ("help", window.dialogs.show_help, None),
        ("settings", window.dialogs.show_settings, None),
        ("welcome", window.dialogs.show_welcome, None),
    ]


def open_window(home: Path) -> tuple[MainWindow, JobRunner, SettingsStore]:
    """Return a window over a data folder."""
    os.environ[HOME_VARIABLE] = str(home)
    application = QApplication.instance() or make_application([sys.argv[0]])
    runner, store = JobRunner(application), SettingsStore(Settings(), application)
    window = MainWindow(runner, store)
    window.asks_before_quitting = False
    window.resize(*SIZES_PX["1280x800"])
    window.show()
    window.start()
    wait(3000)
    for dialog in open_dialogs():
        dialog.close()
    return window, runner, store


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    home = (options.home or options.out / "home").resolve()
    for folder, kind in ((options.out.resolve() / "empty-home", "empty"), (home, "full")):
        folder.mkdir(parents=True, exist_ok=True)
        window, runner, store = open_window(folder)
        if kind == "full" and not (home / LOOP_DONE).exists():
            do_the_loop(window, runner)
            (home / LOOP_DONE).touch()
        wait_for_jobs(runner)
        photographer = Photographer(window, options.out, options.only)
        for theme in ("dark", "light"):
            for language in ("en", "es", "pt"):
                for size in SIZES_PX:
                    photographer.dress(store, theme, language, size)
                    for name, show, close in screens(window):
                        if kind == "full" or name in ("gallery", "training", "evaluation", "models", "queue"):
                            photographer.take(name if kind == "full" else f"empty-{name}", show, close)
        window.close()
        wait(500)
    return 0


if __name__ == "__main__":
    sys.exit(main())
