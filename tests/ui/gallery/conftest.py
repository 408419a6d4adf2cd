"""Pictures in the data folder, drawn by two models at the same seeds, and galleries over them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from sketchdesk.library.images.metadata import ImageRecord, save_png
from sketchdesk.library.index.index import GalleryImage, ImageIndex
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.settings import Settings
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.gallery.grid.cells import CellsModel
from sketchdesk.ui.gallery.grid.grid import Grid
from sketchdesk.ui.gallery.grid.reading import read_thumbnail
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails
from sketchdesk.ui.message import Message
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

W = TypeVar("W", bound=QWidget)



def made_by(prompt: str = "a zebra", seed: int = 0, model: str = "demo-base", **more: object) -> ImageRecord:
    values = {
        "num_inference_steps": 5, "guidance_scale": 3.0, "sampler": "dpmpp_2m", "width": 40, "height": 40,
        "device": "cpu", "precision": "fp32", "batch_seeds": (seed,),
    } | more  # fmt: skip
    return ImageRecord(prompt=prompt, seed=seed, model=model, **values)


def save(name: str, made: ImageRecord, age_s: int = 0) -> Path:
    """Save a small picture in the images' folder, as if drawn so many seconds ago."""
    path = images_dir() / name
    colour = (37 * (made.seed or 0) % 256, 90 if made.model == "demo-base" else 200, 120)
    save_png(Image.new("RGB", (made.width, made.height), colour), path, made)
    when = 1_800_000_000 - age_s
    os.utime(path, (when, when))
    return path


@pytest.fixture
def record() -> Callable[..., ImageRecord]:
    """How a picture was made, all but what is said."""
    return made_by


@pytest.fixture
def draw(home) -> Callable[..., Path]:
    """Saves a picture with a record, drawn so many seconds ago."""
    return save


@pytest.fixture
def pictures(home) -> list[Path]:
    """Two models, two prompts, two seeds; newest first."""
    return [
        save(f"{model}-{prompt}-{seed}.png", made_by(f"a {prompt}", seed, model), age_s=age)
        for age, (model, prompt, seed) in enumerate(
            (model, prompt, seed)
            for model in ("demo-base", "sketch-lora")
            for prompt in ("zebra", "castle")
            for seed in (1, 2)
        )
    ]


@pytest.fixture
def images(pictures) -> list[GalleryImage]:
    """The pictures, as the index has them."""
    with ImageIndex(index_file(), (images_dir(),)) as index:
        index.refresh()
        return [index.find(path) for path in pictures]


@pytest.fixture
def cells(qapp) -> CellsModel:
    return CellsModel()


@pytest.fixture
def grid(qtbot, cells) -> Iterator[Grid]:
    thumbnails = Thumbnails(read_thumbnail)
    grid = Grid(cells, thumbnails)
    qtbot.addWidget(grid)
    grid.resize(560, 400)
    grid.show()
    yield grid
    thumbnails.shutdown()


@pytest.fixture
def catalogue(qapp, home) -> Iterator[Catalogue]:
    catalogue = Catalogue([images_dir()])
    yield catalogue
    catalogue.shutdown()


@pytest.fixture
def make_runner(qapp, fake_engine) -> Iterator[Callable[..., JobRunner]]:
    made: list[JobRunner] = []

    def make(work: str = "draws") -> JobRunner:
        graces = Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5)
        made.append(JobRunner(command=fake_engine(work), graces=graces))
        return made[-1]

    yield make
    for runner in made:
        runner.shutdown()


@pytest.fixture
def make_tab(qtbot, make_runner, home) -> Iterator[Callable[..., GalleryTab]]:
    """A gallery on show, over an engine that does what its name says."""
    made: list[GalleryTab] = []

    def make(work: str = "draws", settings: Settings | None = None) -> GalleryTab:
        tab = GalleryTab(make_runner(work), SettingsStore(settings or Settings()))
        qtbot.addWidget(tab)
        made.append(tab)
        tab.resize(970, 700)
        tab.show()
        return tab

    yield make
    for tab in made:
        tab.shutdown()


class Person:
    """Somebody before a gallery, with the shortcuts that the window gives it; what it tells is in `told`."""

    def __init__(self, qtbot: QtBot, tab: GalleryTab) -> None:
        self._qtbot, self.tab = qtbot, tab
        self.told: list[Message] = []
        tab.message.connect(self.told.append)
        for spec in tab.action_specs():
            owner = spec.owner or tab
            action = QAction(spec.text, owner, objectName=f"{spec.name}_action")
            action.setShortcut(QKeySequence(spec.shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(spec.run)
            owner.addAction(action)
        tab.window().activateWindow()
        tab.grid.setFocus()

    def child(self, kind: type[W], name: str) -> W:
        """Return a part of the gallery by its name."""
        found = self.tab.findChild(kind, name)
        assert found is not None, name
        return found

    def shown(self) -> list[Path]:
        """Return the files of the cells, once they are read."""
        images = [self.tab.cells.image_at(row) for row in range(self.tab.cells.rowCount())]
        return [image.path for image in images if image]

    def sees(self, paths: list[Path]) -> None:
        """Wait until these files are shown, and no others."""
        self._qtbot.waitUntil(lambda: self.shown() == paths)

    def picks(self, *rows: int) -> None:
        """Select cells, and wait until the first is looked at."""
        tab, first = self.tab, self.tab.cells.ids[rows[0]]
        tab.grid.pick([tab.cells.ids[row] for row in rows])
        self._qtbot.waitUntil(lambda: tab.inspector.image is not None and tab.inspector.image.id == first)

    def presses(self, name: str) -> None:
        """Press a button by its name."""
        self._qtbot.mouseClick(self.child(QAbstractButton, name), Qt.MouseButton.LeftButton)


@pytest.fixture
def open_gallery(qtbot, make_tab) -> Callable[..., Person]:
    """Opens a gallery, with somebody before it."""
    return lambda *arguments: Person(qtbot, make_tab(*arguments))
