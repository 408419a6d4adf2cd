"""Pictures in the data folder, drawn by two models at the same seeds, and galleries over them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.library.images import ImageRecord, save_png
from sketchdesk.library.index import GalleryImage, ImageIndex
from sketchdesk.library.paths import images_dir, index_file
from sketchdesk.library.settings import Settings
from sketchdesk.ui.gallery.catalogue import Catalogue
from sketchdesk.ui.gallery.cells import CellsModel
from sketchdesk.ui.gallery.gallery_tab import GalleryTab
from sketchdesk.ui.gallery.grid import Grid
from sketchdesk.ui.gallery.reading import read_thumbnail
from sketchdesk.ui.gallery.thumbnails import Thumbnails
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.engine_process import Graces
from sketchdesk.workers.runner import JobRunner

FAKE_ENGINE = Path(__file__).parents[2] / "fakes" / "engine.py"


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
def make_runner(qapp) -> Iterator[Callable[..., JobRunner]]:
    made: list[JobRunner] = []

    def make(work: str = "draws") -> JobRunner:
        made.append(
            JobRunner(
                command=[sys.executable, str(FAKE_ENGINE), work],
                graces=Graces(cancel_s=0.3, terminate_s=0.3, close_s=0.5),
            )
        )
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
