"""Take the guide's pictures into resources/guide/pictures, in both themes and three languages.

    python packaging/guide_pictures.py HOME [--study FOLDER] [--only WORD]

HOME is a data folder in which the loop was done, as packaging/screenshots.py leaves it in OUT/home. --study opens a
study that lies elsewhere, such as the folder of `sketchdesk demo`. Every picture shows a part of the window at its own
size, with 128 colours, so that it stays small and sharp.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageOps
from PySide6.QtCore import QRect
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget
from screenshots import open_window, wait  # first: it names the platform

from sketchdesk.contracts.text import LANGUAGES
from sketchdesk.ui.main_window import MainWindow
from sketchdesk.ui.shell.frame import EVALUATION, GALLERY, TRAINING
from sketchdesk.ui.theme.manager import tokens

PICTURES = Path(__file__).resolve().parents[1] / "resources" / "guide" / "pictures"
COLOURS = 128
SETTLE_MS = 1500
PATIENCE = 20
WINDOW_PX = (1280, 800)
TRAINING_PX, EVALUATION_PX = (1480, 1000), (1280, 1080)
SEARCH = "giraffe"


def window_picture(window: MainWindow) -> QPixmap:
    """Prompts and gallery, a picture selected."""
    window.resize(*WINDOW_PX)
    window.frame.show_page(GALLERY)
    window.gallery.show_grid()
    window.gallery.search(SEARCH)
    wait(SETTLE_MS)
    grid = window.gallery.grid
    grid.setFocus()
    grid.setCurrentIndex(grid.model().index(1, 0))
    wait(SETTLE_MS)
    return window.grab()


def compare_picture(window: MainWindow) -> QPixmap:
    """The line between two pictures of one seed."""
    window_picture(window)
    window.gallery.chosen.compare()
    wait(SETTLE_MS)
    picture = window.gallery.grab()
    window.gallery.show_grid()
    return picture


def prompt_picture(window: MainWindow) -> QPixmap:
    """The prompt panel with more settings open, from its top."""
    window.resize(WINDOW_PX[0], 1000)
    window.frame.show_page(GALLERY)
    wait(SETTLE_MS)
    return window.prompt.grab()


def training_picture(window: MainWindow) -> QPixmap:
    """The charts, without the lists beside them."""
    window.resize(*TRAINING_PX)
    window.frame.show_page(TRAINING)
    wait(2 * SETTLE_MS)
    return part(window, "training_charts").grab()


def evaluation_picture(window: MainWindow) -> QPixmap:
    """A study's result from its title down to the first prompts."""
    window.resize(*EVALUATION_PX)
    window.frame.show_page(EVALUATION)
    wait(2 * SETTLE_MS)
    page = part(window, "evaluation_result")
    return page.grab(QRect(0, 0, page.width(), min(page.height(), 760)))


def part(window: MainWindow, name: str) -> QWidget:
    """Return a part of the window by its name; pages are put together in turns, so it may take a while."""
    for _try in range(PATIENCE):
        found = window.findChild(QWidget, name)
        if found is not None:
            wait(SETTLE_MS)
            return found
        wait(SETTLE_MS)
    raise LookupError(f"the window has no {name}")


TAKERS: dict[str, Callable[[MainWindow], QPixmap]] = {
    "window": window_picture, "compare": compare_picture, "prompt": prompt_picture, "training": training_picture,
    "evaluation": evaluation_picture,
}  # fmt: skip


def save(picture: QPixmap, path: Path) -> None:
    """Write a picture with few colours and a thin border in the theme's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(str(path))
    with Image.open(path) as image:
        framed = ImageOps.expand(image.convert("RGB"), 1, tokens().border)
        small = framed.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(path, optimize=True)
    print(f"{path.relative_to(PICTURES)}  {path.stat().st_size / 1000:.0f} kB", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--study", type=Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    window, _runner, store = open_window(options.home.resolve())
    window.frame.show_page(EVALUATION)
    wait(SETTLE_MS)
    if options.study:
        window.evaluation.restore_state({"opened": str(options.study.resolve())})
        wait(SETTLE_MS)
    for language in LANGUAGES:
        for theme in ("light", "dark"):
            store.change(theme=theme, language=language)
            wait(SETTLE_MS)
            for name, take in TAKERS.items():
                if options.only in name:
                    save(take(window), PICTURES / language / f"{name}-{theme}.png")
    window.close()
    wait(500)
    return 0


if __name__ == "__main__":
    sys.exit(main())
