"""Compose the caption of a scene from what is in it, with the small variations a person would use."""

from __future__ import annotations

import random

from sketchdesk.demo.scenes import Scene
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS, STYLE_PREFIX, article

SYNONYMS: dict[str, tuple[str, ...]] = {
    "ninja": ("boy practicing martial arts",),
    "man riding a bike": ("boy riding a bike", "cyclist"),
    "man on a horse": ("rider on a horse",),
    "princess": ("queen",),
    "sheep": ("lamb",),
    "truck": ("van",),
    "airplane": ("plane",),
    "clock": ("alarm clock",),
    "gift": ("present",),
    "shoe": ("sneaker",),
    "bicycle": ("bike",),
    "ladybug": ("beetle",),
    "dinosaur": ("sauropod",),
    "lamp": ("light bulb",),
}
_PLAIN_SHARE = 0.8


def caption(scene: Scene, rng: random.Random | None = None, style_words: bool | None = None) -> str:
    """Return a caption in the demo's language.

    Without `rng` it is the plain form ("a zebra and a monkey in front of a house"). `style_words` puts the style
    prefix in front; by default sketches get it and colour pictures do not.
    """
    said = " and ".join(_noun(noun, rng) for noun in scene.nouns)
    if scene.setting:
        standing = rng is not None and len(scene.nouns) == 1 and rng.random() < 0.25
        said += (" standing " if standing else " ") + SETTINGS[scene.setting]
    if style_words if style_words is not None else scene.style == "sketch":
        said = f"{STYLE_PREFIX} {said}"
    return said


def _noun(noun: str, rng: random.Random | None) -> str:
    if rng is None or rng.random() < _PLAIN_SHARE:
        return article(noun)
    forms = [f"the {noun}", f"one {noun}", *(article(word) for word in SYNONYMS.get(noun, ()))]
    return rng.choice(forms)


def corpus() -> list[str]:
    """Return captions that use every word of the language; the tokenizer is learnt from them."""
    rng = random.Random(0)
    nouns = list(NOUNS)
    words = [article(word) for noun in nouns for word in (noun, *SYNONYMS.get(noun, ()))]
    scenes = [
        Scene((noun, rng.choice(nouns)), setting, "sketch", 0) for noun in nouns for setting in SETTINGS
    ]
    return words + [caption(scene, rng) for scene in scenes]
