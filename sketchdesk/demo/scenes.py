"""Draw a scene of the demo: one or two sprites, alone or in a setting, in colour or as a sketch.

Sprites stand on the grid of the autoencoder's latent cells (GRID_PX) in two sizes: each meets it in one phase only, so
that a small model learns to rebuild it in minutes. The pictures still differ in place, size and ground.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageDraw

from sketchdesk.demo.sprites import Style, sprite
from sketchdesk.demo.vocabulary import NOUNS, SCENERY

IMAGE_PX = 128
GRID_PX = 16
GROUND_PX = 104
"""Height from the top at which settings have their ground line."""

SMALL_PX, LARGE_PX = 64, 96
"""Sizes of the sprites: small in pairs and settings, mostly large alone."""

PASTELS = ["#fdf3dc", "#e3f0fb", "#e8f6e4", "#fbe6ea", "#efe8fa", "#f4f4f0"]
WHITE, BLACK = "#ffffff", "#000000"
GROUNDS = {
    "forest": "#a9d18e", "road": "#8c8f96", "night": "#39456b", "sea": "#7cc4ea", "desert": "#ecc98a",
    "garden": "#b5dd94", "mountain": "#c3d69b", "house": "#b9d99a",
}
NIGHT_SKY = "#1f2a4d"


@dataclass(frozen=True)
class Scene:
    """What is in a picture. One or two nouns of the vocabulary, a setting or none, and the seed of the layout."""

    nouns: tuple[str, ...]
    setting: str | None
    style: Style
    layout_seed: int


def draw(scene: Scene) -> Image.Image:
    """Return the scene as an RGB picture of IMAGE_PX × IMAGE_PX; equal scenes give equal pictures."""
    rng = random.Random(scene.layout_seed)
    colour = scene.style == "colour"
    ground = rng.choice(PASTELS)  # chosen for a sketch too, so that both styles put things in the same places
    picture = Image.new("RGB", (IMAGE_PX, IMAGE_PX), ground if colour else WHITE)
    if scene.setting:
        _draw_setting(picture, scene.setting, scene.style)
    for noun, (left, top, size) in zip(scene.nouns, _places(scene, rng), strict=True):
        drawing = sprite(NOUNS[noun], scene.style, size)
        if scene.setting and not colour:
            # The colour sprite's silhouette blanks the ground, so that no line runs through the drawing.
            picture.paste(WHITE, (left, top), sprite(NOUNS[noun], "colour", size))
        picture.paste(drawing, (left, top), drawing)
    return picture


def _places(scene: Scene, rng: random.Random) -> list[tuple[int, int, int]]:
    """Return (left, top, size) in pixels for each subject, on the grid."""
    step, rise = (GRID_PX * rng.choice((-1, 0, 1)) for _ in range(2))
    if len(scene.nouns) == 1:
        if scene.setting:
            return [(32 + step, 48, SMALL_PX)]
        size = rng.choice((SMALL_PX, LARGE_PX, LARGE_PX))
        margin = (IMAGE_PX - size) // 2
        return [(margin + step, margin + rise, size)]
    top = 48 if scene.setting else 32 + rise
    return [(0, top, SMALL_PX), (64, top, SMALL_PX)]


def _draw_setting(picture: Image.Image, setting: str, style: Style) -> None:
    pen = ImageDraw.Draw(picture)
    colour = style == "colour"
    if setting == "night" and colour:
        picture.paste(NIGHT_SKY, (0, 0, IMAGE_PX, IMAGE_PX))
    if colour:
        pen.rectangle((0, GROUND_PX, IMAGE_PX, IMAGE_PX), fill=GROUNDS[setting])
    else:
        pen.line((0, GROUND_PX, IMAGE_PX, GROUND_PX), fill=BLACK, width=2)
    if setting == "road":
        for left in range(0, IMAGE_PX, 32):
            pen.rectangle((left, 114, left + 15, 117), fill=WHITE if colour else BLACK)
    if setting == "night":
        for left, top in ((16, 16), (48, 8), (24, 40), (64, 24)):
            pen.rectangle((left, top, left + 3, top + 3), fill="#fff3b0" if colour else BLACK)
    for left, top, size in _SCENERY_PLACES[setting]:
        backdrop = sprite(SCENERY[setting], style, size)
        if not colour:
            picture.paste(WHITE, (left, top), sprite(SCENERY[setting], "colour", size))
        picture.paste(backdrop, (left, top), backdrop)


_SCENERY_PLACES: dict[str, list[tuple[int, int, int]]] = {
    "forest": [(-16, 48, 64), (80, 48, 64), (32, 16, 64)],
    "road": [(-16, 48, 64), (80, 48, 64)],
    "night": [(80, 0, 48)],
    "sea": [(0, 80, 48), (80, 80, 48)],
    "desert": [(-16, 48, 64), (80, 48, 64)],
    "garden": [(0, 64, 48), (80, 64, 48), (0, 96, 32), (96, 96, 32)],
    "mountain": [(16, 16, 96)],
    "house": [(16, 0, 96)],
}
"""Setting → (left, top, size) in pixels of its backdrop sprites, drawn in this order."""
