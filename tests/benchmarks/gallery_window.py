"""The gallery's window over very many real files: `python tests/benchmarks/gallery_window.py FOLDER [images [part …]]`.

FOLDER is for this benchmark alone: it gets a library of 100,000 pictures of ours and a folder of as many of another
program, about 800 MiB, which the next call uses again. Each part runs in a process of its own, over the window as it
is, on a screen that is none, and prints its figures beside what they may be. A frame is a turn of the window's thread
in which the grid is moved on and painted, with all else that is waiting; 60 are begun a second.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QWidget

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

FRAME_S = 1 / 60
NOTCHES = 5
"""Of the wheel, for a frame: a page of pictures, nearly."""
DRAGS = 300
WINDOW_PX = (1360, 860)
TYPED = "zebra"
SORTS = ("prompt", "seed", "model", "oldest")

LIMITS = {
    "first_thumbnails_s": 1.5, "first_thumbnails_s_unmade": 1.5, "filter_ms": 100, "wheel_longest_ms": 50,
    "bar_longest_ms": 50, "peak_mib": 600,
}  # fmt: skip

Figures = dict[str, object]


def main(folder: Path, images: int, parts: Collection[str]) -> None:
    """Make what is missing, measure these parts of it, print."""
    from gallery_files import library

    home, foreign = folder / "home", folder / "foreign"
    began = time.perf_counter()
    library(home / "images", images, ours=True)
    library(foreign, images, ours=False)
    print(f"{images:,} pictures of ours and as many foreign ones are there after {time.perf_counter() - began:.0f} s")
    figures: Figures = {}
    if "rebuild" in parts:
        figures |= _child("rebuild", home)
    if "first" in parts:
        shutil.rmtree(home / "thumbnails", ignore_errors=True)
        figures |= {f"{name}_unmade": value for name, value in _child("first", home).items()}
        figures |= _child("first", home)
    if "look" in parts:
        figures |= _child("look", home)
    if "take_in" in parts:
        shutil.rmtree(folder / "other-home", ignore_errors=True)
        figures |= _child("take_in", folder / "other-home", str(foreign))
    for name, value in figures.items():
        limit = LIMITS.get(name)
        print(f"{name:<34}{value!s:>12}" + ("" if limit is None else f"   at most {limit}"))
    print(json.dumps({**figures, "load_average": os.getloadavg()}))


def _child(part: str, home: Path, *more: str) -> Figures:
    """Run one part in a process of its own; return its figures, with the most memory it had."""
    environment = {**os.environ, "SKETCHDESK_HOME": str(home), "QT_QPA_PLATFORM": "offscreen", "LANGUAGE": "en"}
    command = [sys.executable, __file__, f"--{part}", str(time.time()), *more]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


# --- in a process of its own -------------------------------------------------------------------------------------


class Desk:
    """The window, and its event loop turned by hand."""

    def __init__(self) -> None:
        from sketchdesk.library.settings import load_settings
        from sketchdesk.ui import app, language
        from sketchdesk.ui.garbage import GarbageCollector
        from sketchdesk.ui.main_window import MainWindow
        from sketchdesk.ui.settings_store import SettingsStore
        from sketchdesk.workers.runner import JobRunner

        self.application = app.make_application(["sketchdesk"])
        language.speak("en")
        self.garbage = GarbageCollector(self.application)
        self.runner = JobRunner()
        self.store = SettingsStore(load_settings())
        self.window = MainWindow(self.runner, self.store)
        self.window.asks_before_quitting = False
        self.window.resize(*WINDOW_PX)
        self.window.show()
        self.tab = self.window.gallery

    def start(self) -> None:
        """Begin what the window begins after its first paint; nobody is there to be welcomed."""
        self.window.start()
        for welcome in self.window.findChildren(QWidget, "welcome"):
            welcome.close()

    def turn(self, begin: Callable[[], object] = lambda: None) -> tuple[float, float]:
        """Begin something and turn the loop once; return milliseconds on the clock and of this thread's computing."""
        clock, computed = time.perf_counter(), time.thread_time()
        begin()
        self.application.processEvents()
        return (time.perf_counter() - clock) * 1000, (time.thread_time() - computed) * 1000

    def wait(self, until: Callable[[], bool], most_s: float = 400.0) -> list[tuple[float, float]]:
        """Turn until something is so; return how long the turns took."""
        turns, end_s = [], time.monotonic() + most_s
        while not until():
            if time.monotonic() > end_s:
                raise TimeoutError(until)
            turns.append(self.turn())
            time.sleep(0.001)
        return turns

    def all_shown(self) -> bool:
        """Tell whether every cell in sight has its picture."""
        from sketchdesk.ui.gallery.grid.thumbnails import side_for

        grid, cells = self.tab.grid, self.tab.cells
        tiling, offset = grid.tiling(), grid.verticalOffset()
        side = side_for(tiling.side_px * grid.devicePixelRatioF())
        rows = tiling.between(offset, offset + grid.viewport().height())
        keys = [grid._key(cells.image_at(row), side) for row in rows]
        return bool(keys) and all(key and self.tab.thumbnails.get(key) is not None for key in keys)

    def close(self) -> None:
        """End everything."""
        self.window.close()
        self.runner.shutdown()


@contextmanager
def _desk() -> Iterator[Desk]:
    desk = Desk()
    try:
        yield desk
    finally:
        desk.close()


def first(started_s: float) -> Figures:
    """From the start of the process, and from the window's first paint, until all pictures in sight are shown."""
    with _desk() as desk:
        desk.turn()
        painted_s = time.time()
        desk.start()
        desk.wait(desk.all_shown)
        desk.turn()
        now_s = time.time()
        return {
            "process_to_thumbnails_s": round(now_s - started_s, 2), "first_thumbnails_s": round(now_s - painted_s, 2)
        }


def look(_started_s: float) -> Figures:
    """Filter, sort and scroll."""
    with _desk() as desk:
        desk.start()
        desk.wait(desk.all_shown)
        _settle(desk)
        figures = {**_filters(desk), **_wheel(desk), **_bar(desk)}
    return figures | {"peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)}


def _settle(desk: Desk) -> None:
    """Let what the start and a look at the folders began come to its end."""
    walked: list[bool] = []
    desk.tab.catalogue.walk_.walked.connect(lambda: walked.append(True))
    desk.tab.walk()
    desk.wait(lambda: bool(walked))
    _rest(desk, 3.0)
    desk.garbage.begin()


def _rest(desk: Desk, seconds: float) -> None:
    end_s = time.monotonic() + seconds
    desk.wait(lambda: time.monotonic() > end_s)


def _filters(desk: Desk) -> Figures:
    """Each filter and order from the press to the new grid's paint, the longest of three."""
    bar = desk.tab.filters
    presses: dict[str, Callable[[], object]] = {
        "word": lambda: bar.search.setText(TYPED) or bar.search.returnPressed.emit(),
        "letter": lambda: bar.search.setText("a") or bar.search.returnPressed.emit(),
        "model": lambda: bar._model.chosen.emit("demo-base"),
        "days": lambda: bar._days.days_chosen.emit("2026-01-01", "2026-12-31"),
        **{f"by_{sort}": lambda sort=sort: bar._sort.chosen.emit(sort) for sort in SORTS},
    }
    times: Figures = {}
    for name, press in presses.items():
        taken = []
        for _again in range(3):
            bar._on_sort("newest")
            bar.clear()
            _rest(desk, 0.3)
            answered: list[object] = []
            desk.tab.catalogue.found.connect(answered.append)
            began = time.perf_counter()
            press()
            desk.wait(lambda answered=answered: bool(answered))
            desk.turn()
            taken.append((time.perf_counter() - began) * 1000)
            desk.tab.catalogue.found.disconnect(answered.append)
            answered.clear()
        times[name] = round(max(taken))
    bar._on_sort("newest")
    bar.clear()
    _rest(desk, 0.5)
    return {"filter_ms": max(times.values()), "filters": times}


def _wheel(desk: Desk) -> Figures:
    """Turn the wheel from the top to the bottom."""
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent

    grid = desk.tab.grid
    bar, viewport = grid.verticalScrollBar(), grid.viewport()
    at = QPointF(viewport.rect().center())

    def spin() -> None:
        event = QWheelEvent(
            at, QPointF(viewport.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, -120 * NOTCHES),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        desk.application.sendEvent(viewport, event)

    bar.setValue(0)
    frames = _frames(desk, spin, lambda: bar.value() >= bar.maximum())
    return _longest("wheel", frames)


def _bar(desk: Desk) -> Figures:
    """Drag the scroll bar to the top, to the bottom, and by leaps."""
    bar = desk.tab.grid.verticalScrollBar()
    steps = [bar.maximum() * step // DRAGS for step in range(DRAGS + 1)]
    leaps = [bar.maximum() * (step * 37 % 101) // 101 for step in range(101)]
    places = iter([*reversed(steps), *steps, *leaps])
    left = [True]

    def drag() -> None:
        place = next(places, None)
        left[0] = place is not None
        if place is not None:
            bar.setSliderPosition(place)

    frames = _frames(desk, drag, lambda: not left[0])
    began = time.perf_counter()
    desk.wait(desk.all_shown)
    return {**_longest("bar", frames), "bar_pictures_after_ms": round((time.perf_counter() - began) * 1000)}


def _frames(desk: Desk, move: Callable[[], object], ended: Callable[[], bool]) -> list[tuple[float, float]]:
    frames = []
    while not ended():
        frames.append(desk.turn(move))
        time.sleep(max(FRAME_S - frames[-1][0] / 1000, 0.0))
    return frames


def _longest(name: str, frames: list[tuple[float, float]]) -> Figures:
    clock, computed = (sorted(frame[kind] for frame in frames) for kind in (0, 1))
    return {
        f"{name}_longest_ms": round(clock[-1], 1), f"{name}_longest_computing_ms": round(computed[-1], 1),
        f"{name}_99th_ms": round(clock[len(clock) * 99 // 100], 1), f"{name}_frames": len(frames),
    }  # fmt: skip


def rebuild(_started_s: float) -> Figures:
    """Rebuild the index from the files."""
    with _desk() as desk:
        return {f"rebuild_{name}": value for name, value in _read_all(desk, desk.tab.rebuild).items()}


def take_in(_started_s: float, foreign: str) -> Figures:
    """Add a folder of another program's pictures, stop, and go on in another window."""
    with _desk() as desk:
        _settle(desk)
        begin = lambda: desk.tab.grid.folders_dropped.emit([Path(foreign)])  # noqa: E731
        figures = _read_all(desk, begin)
        _rest(desk, 1.0)
        known = len(desk.tab.cells.ids)
    return {f"take_in_{name}": value for name, value in figures.items()} | {"take_in_pictures": known}


def _read_all(desk: Desk, begin: Callable[[], object]) -> Figures:
    """Begin a reading, stop it after a tenth, go on; return times and what was heard."""
    heard: list[tuple[int, int]] = []
    stopped: list[int] = []
    walked: list[float] = []
    began = time.perf_counter()
    begin()
    walk = desk.tab.catalogue.walk_  # a new one, where the folders changed
    walk.progressed.connect(lambda done, total: heard.append((done, total)))
    walk.stopped.connect(stopped.append)
    walk.walked.connect(lambda: walked.append(time.perf_counter()))
    turns = desk.wait(lambda: bool(heard) and heard[-1][0] * 10 > heard[-1][1])
    pressed = time.perf_counter()
    desk.tab.desk.reading._stop.click()
    turns += desk.wait(lambda: bool(stopped))
    latency = time.perf_counter() - pressed
    desk.tab.desk.reading._continue.click()
    walked.clear()
    before = len(heard)
    turns += desk.wait(lambda: bool(walked))
    return {
        "s": round(walked[-1] - began, 1), "stop_latency_s": round(latency, 2), "left_when_stopped": stopped[0],
        "went_on_with": heard[before][1], "times_told": len(heard), "longest_turn_ms": round(max(turns)[0], 1),
    }  # fmt: skip


PARTS = {"rebuild": rebuild, "first": first, "look": look, "take_in": take_in}

if __name__ == "__main__":
    if sys.argv[1].startswith("--"):
        part = PARTS[sys.argv[1][2:]]
        print(json.dumps(part(float(sys.argv[2]), *sys.argv[3:])), flush=True)
        os._exit(0)
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else 100_000, sys.argv[3:] or PARTS)
