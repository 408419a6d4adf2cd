"""The sprite atlases: every noun of the demo once in colour and once as a line drawing."""

from __future__ import annotations

import json
from functools import cache, lru_cache
from typing import Literal

from PIL import Image

from sketchdesk.library.paths import resource

Style = Literal["colour", "sketch"]

CELL_PX = 96
COLUMNS = 16



@cache
def _atlas(style: Style) -> tuple[Image.Image, dict[str, int]]:
    names = json.loads(resource("demo/sprites.json").read_text(encoding="utf-8"))
    atlas = Image.open(resource(f"demo/sprites-{style}.png")).convert("RGBA")
    return atlas, {name: index for index, name in enumerate(names)}


@lru_cache(maxsize=4096)
def sprite(name: str, style: Style, size_px: int) -> Image.Image:
    """Return a sprite as an RGBA picture of size_px × size_px. Raises KeyError for a name the atlas lacks."""
    atlas, index_of = _atlas(style)
    row, column = divmod(index_of[name], COLUMNS)
    left, top = column * CELL_PX, row * CELL_PX
    cell = atlas.crop((left, top, left + CELL_PX, top + CELL_PX))
    if size_px == CELL_PX:
        return cell
    # Resizing straight alpha bleeds the colour of invisible pixels into the edge: premultiply first.
    return cell.convert("RGBa").resize((size_px, size_px), Image.Resampling.LANCZOS).convert("RGBA")
