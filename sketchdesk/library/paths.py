"""Where things are: the shipped resources and the user's one data folder."""

from __future__ import annotations

import functools
import os
import sys
from contextlib import suppress
from pathlib import Path

import platformdirs

HOME_VARIABLE = "SKETCHDESK_HOME"


@functools.cache
def resources_dir() -> Path:
    """Return the folder of shipped files: beside the package in a checkout, inside it in a wheel or a bundle."""
    package = Path(__file__).resolve().parent.parent
    frozen = getattr(sys, "_MEIPASS", None)
    candidates = [package / "resources", package.parent / "resources"]
    if frozen:
        candidates.insert(0, Path(frozen) / "resources")
    return next((folder for folder in candidates if (folder / "demo").is_dir()), candidates[-1])


def resource(relative: str) -> Path:
    """Return the path of one shipped file, named relative to resources/."""
    return resources_dir() / relative


def home() -> Path:
    """Return the data folder: $SKETCHDESK_HOME, else the platform's own place for it.

    It is made if missing; where it cannot be, whoever writes into it says so.
    """
    chosen = os.environ.get(HOME_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("SketchDesk", appauthor=False)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def runs_dir() -> Path:
    """Return the folder with one folder a run."""
    return home() / "runs"


def images_dir() -> Path:
    """Return where images go unless the settings name another folder."""
    return home() / "images"


def models_dir() -> Path:
    """Return the folder of the user's own models."""
    return home() / "models"


def training_dir() -> Path:
    """Return where trained models land when no output folder is named."""
    return home() / "training"


def logs_dir() -> Path:
    """Return the folder of the log files."""
    return home() / "logs"


def settings_file() -> Path:
    """Return the path of the settings."""
    return home() / "settings.json"


def queue_file() -> Path:
    """Return the path of the queue's order."""
    return home() / "queue.json"


def index_file() -> Path:
    """Return the path of the image index, which can be deleted at any time."""
    return home() / "images.sqlite3"


def window_file() -> Path:
    """Return the path of what the window remembers of itself."""
    return home() / "window.json"


def devices_file() -> Path:
    """Return the path of the devices that were found last."""
    return home() / "devices.json"


def bf16_file() -> Path:
    """Return the path of what was measured of this processor; it can be deleted at any time."""
    return home() / "bf16.json"


def stars_file() -> Path:
    """Return the path of the stars, which are nowhere else."""
    return home() / "stars.json"


def tags_file() -> Path:
    """Return the path of the tags, which are nowhere else."""
    return home() / "tags.json"


def renamed_file() -> Path:
    """Return the path of the new names of images whose old ones are in the runs."""
    return home() / "renamed.jsonl"


def thumbnails_dir() -> Path:
    """Return the folder of the thumbnails, which can be deleted at any time."""
    return home() / "thumbnails"


def captions_dir() -> Path:
    """Return the folder of captions edited here, which are nowhere else."""
    return home() / "captions"


def lists_dir() -> Path:
    """Return the folder of data sets that are lists of files dropped on the window."""
    return home() / "lists"


def cache_dir() -> Path:
    """Return the folder of what can be computed again: it can be deleted at any time."""
    return home() / "cache"


def trash_dir() -> Path:
    """Return the folder with what was moved to the trash, a folder a batch."""
    return home() / "trash"
