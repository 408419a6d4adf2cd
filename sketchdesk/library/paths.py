"""Where things are: the shipped resources and the user's one data folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs

HOME_VARIABLE = "SKETCHDESK_HOME"


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
    """Return the data folder, made if missing: $SKETCHDESK_HOME, else the platform's own place for it."""
    chosen = os.environ.get(HOME_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else platformdirs.user_data_path("SketchDesk", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder
