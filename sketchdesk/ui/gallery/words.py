"""What is said of an image: names and numbers as a person reads them."""

from __future__ import annotations

from sketchdesk.contracts.text import N_, _
from sketchdesk.library.index import GalleryImage

CLIP = "cosine"
"""The score that the gallery shows first: how near CLIP finds picture and prompt."""

_SCORES = {CLIP: N_("CLIP"), "colourfulness": N_("Colourfulness")}


def score_name(name: str) -> str:
    """Return a score's name as it is shown; one that is not known here keeps its own."""
    return _(_SCORES[name]) if name in _SCORES else name


def score_text(name: str, value: float) -> str:
    """Return a score's value: CLIP's times a hundred, as its literature has it."""
    return f"{100 * value:.1f}" if name == CLIP else f"{value:.3g}"


def badge(image: GalleryImage) -> str:
    """Return what stands in the corner of a cell."""
    return score_text(CLIP, image.scores[CLIP]) if CLIP in image.scores else ""
