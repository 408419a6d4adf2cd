"""Whether pictures show what they should: by demo-clip, by demo-blip, and by templates with no learnt model."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from itertools import islice
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from sketchdesk.demo.captions import SYNONYMS
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.scenes import LARGE_PX, SMALL_PX, Scene
from sketchdesk.demo.sprites import Style, sprite
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS, STYLE_PREFIX, article
from sketchdesk.engine.evaluation.clip import ClipScorer

Kind = Literal["single", "pair", "setting"]
"""One noun alone, two nouns alone, one noun in a setting."""

KINDS: tuple[Kind, ...] = ("single", "pair", "setting")
STYLES: tuple[Style, ...] = ("colour", "sketch")

TEMPLATE_PX = 64
"""Side the template match works at: shifts are then 2 px of the picture."""
TEMPLATE_SIZES = (SMALL_PX, LARGE_PX)
"""Sprite sizes tried, in px of a 128 px picture: those that scenes use."""


def measured_scenes(kind: Kind, style: Style, count: int) -> list[Scene]:
    """Return `count` scenes for measuring.

    Pairs and settings are held-out combinations. A noun alone has been seen in training, as every noun has: these
    have new layout seeds only, and go through the nouns in turn.
    """
    if kind == "single":
        order, layouts = random.Random(f"order {style}"), random.Random(f"layouts {style}")
        nouns = [noun for _ in range(-(-count // len(NOUNS))) for noun in order.sample(list(NOUNS), len(NOUNS))]
        return [Scene((noun,), None, style, layouts.randrange(2**31)) for noun in nouns[:count]]
    wanted = (2, False) if kind == "pair" else (1, True)
    stream = scenes("held-out", 7, 1.0 if style == "sketch" else 0.0)
    return list(islice((s for s in stream if (len(s.nouns), s.setting is not None) == wanted), count))


def share_named(scores: Tensor, expected: Sequence[Sequence[str]], top: int = 1) -> float:
    """Return the share of pictures whose expected nouns are all among the `top` best of scores [pictures, nouns]."""
    names = list(NOUNS)
    best = scores.topk(top, dim=1).indices.tolist()
    hits = [set(nouns) <= {names[i] for i in row} for nouns, row in zip(expected, best, strict=True)]
    return sum(hits) / len(hits)


def noun_scores(clip: ClipScorer, pictures: Sequence[Image.Image], style: Style) -> Tensor:
    """Return the cosine with "a NOUN" for every noun, [pictures, nouns]; sketches are asked for as sketches."""
    said = [article(noun) for noun in NOUNS]
    texts = [f"{STYLE_PREFIX} {text}" for text in said] if style == "sketch" else said
    return clip.image_embeddings(pictures) @ clip.text_embeddings(texts).T


def template_scores(pictures: Sequence[Image.Image], style: Style) -> Tensor:
    """Return how well each noun's sprite matches pictures of one thing, [pictures, nouns] in −1..1.

    The score is the cosine between picture − ground and sprite − ground, the best over sizes and all shifts. The
    ground is the median colour of the picture's edge. Shifts go round the edge: Fourier products give them at once.
    """
    spectra, products = _templates(style)
    rows = []
    for picture in pictures:
        small = picture.convert("RGB").resize((TEMPLATE_PX, TEMPLATE_PX), Image.Resampling.BOX)
        values = torch.from_numpy(np.asarray(small, np.float32)).permute(2, 0, 1) / 255
        ground = torch.cat([values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1]], 1).median(dim=1).values
        seen = values - ground[:, None, None]
        # sprite − ground = premultiplied colour − alpha · ground, so the fourth channel meets −ground · seen.
        spectrum = torch.fft.rfft2(torch.cat([seen, -(ground[:, None, None] * seen).sum(0, keepdim=True)]))
        match = torch.fft.irfft2(torch.einsum("nschw,chw->nshw", spectra, spectrum), s=(TEMPLATE_PX, TEMPLATE_PX))
        colours = products[..., :3, :3].diagonal(dim1=-2, dim2=-1).sum(-1)
        energy = colours - 2 * (products[..., :3, 3] @ ground) + products[..., 3, 3] * ground.square().sum()
        best = match.amax(dim=(-2, -1)) / (energy * seen.square().sum()).clamp(min=1e-12).sqrt()
        rows.append(best.amax(dim=1))
    return torch.stack(rows)


@cache
def _templates(style: Style) -> tuple[Tensor, Tensor]:
    """Return the sprites' conjugate spectra [nouns, sizes, 4, H, W/2 + 1] and their channels' products […, 4, 4].

    The channels are premultiplied red, green, blue and alpha, at TEMPLATE_PX.
    """
    planes = []
    for name in NOUNS.values():
        for size in TEMPLATE_SIZES:
            canvas = Image.new("RGBA", (2 * TEMPLATE_PX, 2 * TEMPLATE_PX))
            canvas.paste(sprite(name, style, size))
            small = canvas.convert("RGBa").resize((TEMPLATE_PX, TEMPLATE_PX), Image.Resampling.BOX)
            planes.append(np.asarray(small, np.float32) / 255)
    stack = torch.from_numpy(np.stack(planes)).permute(0, 3, 1, 2)
    stack = stack.unflatten(0, (len(NOUNS), len(TEMPLATE_SIZES)))
    return torch.fft.rfft2(stack).conj().resolve_conj(), torch.einsum("nschw,nsdhw->nscd", stack, stack)


def nouns_said(caption: str) -> set[str]:
    """Return the nouns a caption names, synonyms included; a setting's words and parts of longer nouns do not count."""
    for words in SETTINGS.values():
        caption = caption.replace(words, "")
    wordings, pattern = _wordings()
    return {wordings[words] for words in pattern.findall(caption)}


@cache
def _wordings() -> tuple[dict[str, str], re.Pattern[str]]:
    """Return the noun that each wording means, and a pattern that finds them, the longest first."""
    wordings = {words: noun for noun in NOUNS for words in (noun, *SYNONYMS.get(noun, ()))}
    longest_first = sorted(wordings, key=len, reverse=True)
    return wordings, re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


def style_said(caption: str) -> Style:
    """Return the style a caption tells of."""
    return "sketch" if "black and white" in caption else "colour"


def share_captioned(captions: Sequence[str], shown: Sequence[Scene]) -> float:
    """Return the share of captions that name exactly the nouns of their scenes."""
    return sum(nouns_said(text) == set(scene.nouns) for text, scene in zip(captions, shown, strict=True)) / len(shown)


def share_in_style(captions: Sequence[str], shown: Sequence[Scene]) -> float:
    """Return the share of captions that tell the style of their scenes."""
    return sum(style_said(text) == scene.style for text, scene in zip(captions, shown, strict=True)) / len(shown)
