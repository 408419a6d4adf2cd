"""Tiny decoders: small networks that turn latents into pictures in a fraction of the time, and where one is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.files.loose import text
from sketchdesk.library.models.families import FAMILIES
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.kind import NETWORK_FILE, hub_name, kind_of, read_config
from sketchdesk.library.models.notes import TINY_DECODER
from sketchdesk.library.paths import models_dir

FOLDER = TINY_DECODER
"""Of a model folder that brings its own."""
HUB_ID = "madebyollin/taesd"
"""One for the latents that all our families share."""
CLASS = "AutoencoderTiny"


def find_tiny_decoder(model: Path) -> Path | None:
    """Return the folder of a tiny decoder for a model folder or file, None where there is none. Never raises.

    The model's own comes first. One in the data folder, or in the hub's cache, is taken for models of the families that
    share their latents, unless it says that it was made for Stable Diffusion XL.
    """
    return next((folder for folder in _places(model) if _is_tiny_decoder(folder)), None)


def made_for_xl(folder: Path) -> bool:
    """Tell whether a tiny decoder's names say that it is for Stable Diffusion XL. Never raises.

    XL's latents have the shape of those of Stable Diffusion 1 and 2 and mean other colours; nothing else in the files
    tells the two apart.
    """
    try:
        told = text(read_config(folder / NETWORK_FILE).get("_name_or_path"))
    except SketchDeskError:
        told = ""
    return any("xl" in name.lower() for name in (hub_name(folder), told.replace("\\", "/").rsplit("/", 1)[-1]))


def _places(model: Path) -> Iterator[Path]:
    yield model / FOLDER
    if not _shares_latents(model):
        return
    yield from (folder for folder in sorted(models_dir().glob("*/")) if not made_for_xl(folder))
    if cached := locate(HUB_ID):
        yield cached


def _shares_latents(model: Path) -> bool:
    try:
        return kind_of(model).variant in FAMILIES
    except (SketchDeskError, OSError):
        return False


def _is_tiny_decoder(folder: Path) -> bool:
    try:
        return text(read_config(folder / NETWORK_FILE).get("_class_name")) == CLASS
    except SketchDeskError:
        return False
