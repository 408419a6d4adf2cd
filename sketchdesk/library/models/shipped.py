"""The demo's models by their names: which there are, and where they lie."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.library.paths import models_dir, resource

SHIPPED = ("demo-base", "demo-flow", "demo-clip", "demo-blip")
BUILT = ("demo-reward-clip",)
"""Those of the demo that do not ship: `sketchdesk demo build` trains them into the data folder's models."""


def shipped_folder(name: str) -> Path | None:
    """Return where a model of the demo lies, or None; one that was built again stands in for a missing shipped one."""
    places = (resource(f"models/{name}"), models_dir() / name)
    return next((place for place in places if place.is_dir()), None)
