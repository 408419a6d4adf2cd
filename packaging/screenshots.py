"""Take pictures of every screen, from a real run of the demo, with no display needed.

    python packaging/screenshots.py OUT [--home DIR] [--only WORD,WORD] [--languages es] [--scale 2] …

The first time, the whole loop is done in the window's own way: draw, train, compare (about a quarter of an hour on two
cores); its data folder is kept in --home (default OUT/home) for the next time. Then every screen of screen_list.py is
taken in both themes, three languages and two sizes, or in those that are asked for; --scale is that of a dense screen.
"""

from __future__ import annotations

import argparse
import os
import sys
from itertools import product
from pathlib import Path

SCREEN = Path(__file__).with_name("screen.json")
os.environ.setdefault("QT_QPA_PLATFORM", f"offscreen:configfile={SCREEN}")  # a screen as large as the largest window
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from PySide6.QtCore import QEventLoop, QPoint, QRect, Qt, QTimer
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QWidget
from screen_list import Screen, screens

from sketchdesk.contracts.jobs import DistillJob, GenerateJob, PromptRow
from sketchdesk.library.evaluation.study_presets import REPORT_PROMPTS
from sketchdesk.library.paths import HOME_VARIABLE
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.library.settings import Settings
from sketchdesk.library.training.recipes import free_out_dir
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


def few_step_job() -> DistillJob:
    """Return a distillation that is short rather than good."""
    return DistillJob(
        model="demo-base", out_dir=str(free_out_dir("Demo-base-few-step")), prompts=PROMPTS, num_pairs=64,
        num_held_out_pairs=4, num_inference_steps=8, train_batch_size=8, reflow_steps=60, distil_steps=60,
        validation_prompts=PROMPTS[:3], validation_steps=20,
    )  # fmt: skip


def do_the_loop(window: MainWindow, runner: JobRunner) -> None:
    """Draw with the base, train the sketch style, make the base few-step, compare, and draw with the tuned model."""
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
    runner.submit(few_step_job(), "Demo base, few-step")
    wait_for_jobs(runner)
    window.frame.show_page(EVALUATION)
    wait(1500)
    window.evaluation.maker.start_preset("both")
    wait_for_jobs(runner)
    window.prompt.draw_pair()
    wait_for_jobs(runner)


class Photographer:
    """Takes the screens of one window into a folder."""

    def __init__(self, window: MainWindow, out: Path, mark: str) -> None:
        self._window, self._out, self._mark = window, out, mark
        self._look = ""
        self.taken = 0

    def dress(self, store: SettingsStore, theme: str, language: str, size: str) -> None:
        """Switch theme, language and size, live."""
        store.change(theme=theme, language=language)
        self._window.resize(*SIZES_PX[size])
        self._look = f"{theme}-{language}-{size}{self._mark}"
        wait(SETTLE_MS)

    def take(self, screen: Screen, prefix: str) -> None:
        """Bring a screen about, take it (with the dialogs and menus over it), and leave it again."""
        try:
            for step in screen.steps:
                step()
                wait(SETTLE_MS)
            self._with_popups().save(str(self._out / f"{prefix}{screen.name}-{self._look}.png"))
            self.taken += 1
            screen.leave()
        except LookupError as error:
            print(f"{screen.name} was not taken: {error}")
        for widget in over_the_window():
            widget.close()
        wait(200)

    def _with_popups(self) -> QPixmap:
        """Return a picture of the window and what is over it, in its place; what hangs out of it makes it larger."""
        over = over_the_window()
        window = QRect(self._window.mapToGlobal(QPoint(0, 0)), self._window.size())
        alone = [widget for widget in over if isinstance(widget, QDialog) and widget.parent() is None]
        if alone:  # a window of its own, beside this one
            return alone[0].grab()
        places = [QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size()) for widget in over]
        whole = window
        for place in places:
            whole = whole.united(place)
        ratio = self._window.devicePixelRatioF()
        made = QPixmap(whole.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.gray)
        painter = QPainter(made)
        for widget, place in zip((self._window, *over), (window, *places), strict=True):
            painter.drawPixmap(place.topLeft() - whole.topLeft(), widget.grab())
        painter.end()
        return made


def over_the_window() -> list[QWidget]:
    """Return the dialogs, boxes and menus on show."""
    kinds = (QDialog, QMenu)
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kinds) and widget.isVisible()]


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
    for widget in over_the_window():
        widget.close()
    return window, runner, store


def words(text: str) -> list[str]:
    """Read a list with commas."""
    return [word for word in text.split(",") if word]


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--home", type=Path, help="a data folder in which the loop was done already")
    parser.add_argument("--only", type=words, default=[], help="only screens whose names hold one of these words")
    parser.add_argument("--themes", type=words, default=["dark", "light"])
    parser.add_argument("--languages", type=words, default=["en", "es", "pt"])
    parser.add_argument("--sizes", type=words, default=list(SIZES_PX))
    parser.add_argument("--scale", default="1", help="device pixels a pixel, as on a dense screen: 1.25, 2 …")
    parser.add_argument("--study", type=Path, help="the folder of a study to show, instead of the newest of the home's")
    parser.add_argument("--windows", type=words, default=["empty", "full"])
    return parser.parse_args()


def main() -> int:
    options = read_options()
    os.environ["QT_SCALE_FACTOR"] = options.scale
    options.out.mkdir(parents=True, exist_ok=True)
    home = (options.home or options.out / "home").resolve()
    homes = {"empty": options.out.resolve() / "empty-home", "full": home}
    for kind in options.windows:
        homes[kind].mkdir(parents=True, exist_ok=True)
        window, runner, store = open_window(homes[kind])
        if kind == "full" and not (home / LOOP_DONE).exists():
            do_the_loop(window, runner)
            (home / LOOP_DONE).touch()
        wait_for_jobs(runner)
        if options.study and kind == "full":
            window.evaluation.restore_state({"opened": str(options.study.resolve())})
            wait(4000)
        mark = "" if options.scale == "1" else f"@{options.scale}"
        for page in (TRAINING, EVALUATION, MODELS, GALLERY):  # each is put together when it is first seen
            window.frame.show_page(page)
            wait(2500)
        photographer = Photographer(window, options.out, mark)
        known = [screen for screen in screens(window, options.out.resolve()) if kind == "full" or screen.when_empty]
        wanted = [screen for screen in known if not options.only or any(word in screen.name for word in options.only)]
        for theme, language, size in product(options.themes, options.languages, options.sizes):
            photographer.dress(store, theme, language, size)
            for screen in wanted:
                photographer.take(screen, "" if kind == "full" else "empty-")
        window.close()
        wait(500)
        print(f"{kind} window: {photographer.taken} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main())
