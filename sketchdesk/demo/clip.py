"""The demo's scorer: a small CLIPModel that knows the demo's things, settings and two styles."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

from sketchdesk.demo.autoencoder import pixels
from sketchdesk.demo.captions import caption
from sketchdesk.demo.fit import FitRecipe, Say, fit
from sketchdesk.demo.scenes import Scene, draw
from sketchdesk.demo.sprites import Style
from sketchdesk.demo.tokenizer import MAX_TOKENS, build_tokenizer
from sketchdesk.demo.views import softened, views
from sketchdesk.demo.vocabulary import STYLE_PREFIX

SIDE_PX = 64
"""Pictures are looked at in half their size: a quarter of the work, and no finer than a small model draws."""
VISION_SHAPE = {
    "image_size": SIDE_PX, "patch_size": 8, "hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 4,
    "num_attention_heads": 3, "hidden_act": "gelu",
}
TEXT_SHAPE = {
    "hidden_size": 128, "intermediate_size": 512, "num_hidden_layers": 2, "num_attention_heads": 2,
    "hidden_act": "gelu", "max_position_embeddings": MAX_TOKENS,
}
PROJECTION = 128


@dataclass(frozen=True)
class Build:
    """One small CLIP: what it is called, how it is shaped, and where its chance begins."""

    name: str
    vision: Mapping[str, Any]
    text: Mapping[str, Any]
    projection: int
    seed: int | None
    """Of its first weights and its pictures; None: 0 for the weights, and other pictures each time."""


JUDGE = Build("demo-clip", VISION_SHAPE, TEXT_SHAPE, PROJECTION, None)
RECIPE = FitRecipe(steps=2200, warmup_steps=30, decay_share=0.7)
SCENES_PER_BATCH = 96
TWINS_PER_BATCH = 32
"""So many scenes of a batch stand in it twice, in both styles: only the style words tell them apart."""
MAX_LOGIT_SCALE = 4.6
"""CLIP's own limit, ln 100: beyond it the loss is unstable."""

_STYLE_WORDS: dict[Style, tuple[str, ...]] = {
    "sketch": (STYLE_PREFIX, STYLE_PREFIX, STYLE_PREFIX, "a black and white drawing of", "a sketch of"),
    "colour": ("a colour picture of",),
}
_STYLED_SHARE: dict[Style, float] = {"sketch": 0.7, "colour": 0.3}
_PART_SHARE = 0.35
_SWAPPED_SHARE = 0.3


@dataclass(frozen=True)
class Claim:
    """A caption and what it says: a picture may show more, but nothing else."""

    text: str
    nouns: frozenset[str]
    setting: str | None
    style: Style | None

    def is_true_of(self, scene: Scene) -> bool:
        """Tell whether the scene shows everything the caption says."""
        place = self.setting in (None, scene.setting)
        return place and self.style in (None, scene.style) and self.nouns <= set(scene.nouns)


def claim(scene: Scene, rng: random.Random) -> Claim:
    """Return a true caption of a scene: of all of it, or of a part, with style words or without."""
    said = scene
    if rng.random() < _PART_SHARE:
        said = replace(said, setting=None, nouns=(rng.choice(said.nouns),))
    if rng.random() < _SWAPPED_SHARE:
        said = replace(said, nouns=said.nouns[::-1])
    text = caption(said, rng, style_words=False)
    styled = rng.random() < _STYLED_SHARE[scene.style]
    if styled:
        text = f"{rng.choice(_STYLE_WORDS[scene.style])} {text}"
    return Claim(text, frozenset(said.nouns), said.setting, scene.style if styled else None)


def contrastive_loss(similarity: Tensor, also_true: Tensor) -> Tensor:
    """Return CLIP's symmetric cross entropy over similarity [pictures, captions], its diagonal being the pairs.

    A caption that is true of another picture of the batch as well, also_true [pictures, captions], is no wrong answer
    there: it is left out of that comparison.
    """
    own = torch.eye(len(similarity), dtype=torch.bool)
    logits = similarity.masked_fill(also_true & ~own, float("-inf"))
    target = torch.arange(len(logits))
    return (F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)) / 2


def new_model(tokenizer: CLIPTokenizer, build: Build = JUDGE) -> CLIPModel:
    """Return the untrained model for a tokenizer."""
    text = {
        **build.text, "vocab_size": len(tokenizer), "projection_dim": build.projection,
        "bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    vision = {**build.vision, "projection_dim": build.projection}
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=build.projection))


def similarities(model: CLIPModel, tokenizer: CLIPTokenizer, prepared: Tensor, texts: list[str]) -> Tensor:
    """Return the scaled cosines [pictures, texts] of prepared pictures [B, 3, H, W], computed in bf16."""
    words = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.autocast("cpu", torch.bfloat16):
        out = model(**words, pixel_values=prepared)
    return model.logit_scale.exp() * out.image_embeds.float() @ out.text_embeds.float().T


def halved(pictures: list[Image.Image]) -> list[Image.Image]:
    """Return the pictures at SIDE_PX, as the stock preparation makes them."""
    return [picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC) for picture in pictures]


def batch(
    stream: Iterator[tuple[Scene, Image.Image]], rng: random.Random
) -> tuple[list[Image.Image], list[Scene], list[Claim]]:
    """Return the pictures, scenes and captions of one training step."""
    seen = list(islice(stream, SCENES_PER_BATCH))
    for scene, _ in seen[:TWINS_PER_BATCH]:
        twin = replace(scene, style="colour" if scene.style == "sketch" else "sketch")
        seen.append((twin, draw(twin)))
    return [picture for _, picture in seen], [scene for scene, _ in seen], [claim(scene, rng) for scene, _ in seen]


def train(folder: Path, say: Say, recipe: FitRecipe = RECIPE, build: Build = JUDGE) -> CLIPModel:
    """Train a scorer on training scenes; checkpoints go to folder/clip, or its name, and are resumed from there."""
    torch.manual_seed(build.seed or 0)
    name = "clip" if build is JUDGE else build.name
    tokenizer = build_tokenizer(folder / f"{name}-tokenizer")
    model = new_model(tokenizer, build).train()
    # The fused attention's bf16 backward is several times slower on CPUs than the plain one.
    model.set_attn_implementation("eager")
    seed = random.randrange(2**31) if build.seed is None else build.seed
    stream, rng = views(seed), random.Random(seed)

    def loss_at(step: int) -> Tensor:
        with torch.no_grad():
            model.logit_scale.clamp_(max=MAX_LOGIT_SCALE)
        pictures, scenes, claims = batch(stream, rng)
        similarity = similarities(model, tokenizer, softened(pixels(halved(pictures))), [said.text for said in claims])
        also_true = torch.tensor([[said.is_true_of(scene) for said in claims] for scene in scenes])
        return contrastive_loss(similarity, also_true)

    fit(model, loss_at, recipe, folder / name, say)
    return model.eval()


def save(model: CLIPModel, folder: Path) -> None:
    """Write model (fp16), tokenizer and picture preparation as a stock CLIP folder."""
    build_tokenizer(folder)
    model.half().save_pretrained(folder)
    square = {"height": SIDE_PX, "width": SIDE_PX}
    CLIPImageProcessorPil(
        size={"shortest_edge": SIDE_PX}, crop_size=square, image_mean=[0.5] * 3, image_std=[0.5] * 3
    ).save_pretrained(folder)


def build(work: Path, models: Path, say: Say) -> Path:
    """Train demo-clip, going on from the newest checkpoint in `work`, and write it into `models`."""
    save(train(work, say), models / "demo-clip")
    return models / "demo-clip"
