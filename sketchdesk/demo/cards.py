"""The model cards: what each of the demo's models is, how it was made, and what was measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from sketchdesk.demo import blip, clip
from sketchdesk.demo.vocabulary import NOUNS, SETTINGS
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.models.weights import safetensors_header

CARD_FILE = "README.md"
BENCHMARK = "tests/benchmarks/demo_quality.py"


class Figure(Struct, frozen=True):
    """One measured quality and what was wanted of it. Shares are 0..1."""

    model: str
    name: str
    value: float
    target: float | None = None
    unit: str = "share"

    @property
    def reached(self) -> bool:
        """Whether the target, if there is one, is reached."""
        return self.target is None or self.value >= self.target

    @property
    def shown(self) -> str:
        """The value as a person reads it."""
        return self._text(self.value)

    @property
    def shown_target(self) -> str:
        """The target as a person reads it, empty where there is none."""
        return "" if self.target is None else f"≥ {self._text(self.target)}"

    @property
    def verdict(self) -> str:
        """One word on the target, empty where there is none."""
        return "" if self.target is None else "reached" if self.reached else "missed"

    def _text(self, number: float) -> str:
        return {"share": f"{100 * number:.1f} %", "dB": f"{number:.1f} dB"}.get(self.unit, f"{number:.3f}")


class Effort(Struct, frozen=True, forbid_unknown_fields=True):
    """What a training took."""

    hours: float
    hardware: str
    note: str = ""
    """What else is to be said of it, as a sentence."""


def write_card(folder: Path, figures: Sequence[Figure], effort: Effort) -> Path:
    """Write the card of the demo model in `folder`, which has the model's name, and return its path."""
    title, tag, library, recipe = _described(folder.name)
    rows = [f"| {figure.name} | {figure.shown} | {figure.shown_target} | {figure.verdict} |" for figure in figures]
    text = f"""---
license: apache-2.0
language: en
library_name: {library}
pipeline_tag: {tag}
tags: [sketchdesk, demo]
---
# {folder.name}

{title} It is one of three small models that ship with SketchDesk, so that everything in it works on a real model
with no download and no GPU. It knows one small world of drawn pictures and nothing else.

- Weights: {_parameters(folder) / 1e6:.1f} million parameters in fp16 safetensors, laid out as its big siblings are.
- Recipe: {recipe} Run it again with `sketchdesk demo build {folder.name.removeprefix("demo-")}`; it goes on from its
  newest checkpoint.
- Data: pictures of 128 × 128 px drawn by `sketchdesk/demo/`: {len(NOUNS)} things, alone, in pairs, and in
  {len(SETTINGS)} settings, in colour and as black-and-white sketches, from the sprites of
  Microsoft's Fluent Emoji (MIT licence). A tenth of all noun pairs and of all nouns in settings is never trained on.
- Hardware and time: {effort.hardware}; {effort.hours:.1f} hours. {effort.note}
- Licence: Apache-2.0, as SketchDesk.

## Measured quality

By `python {BENCHMARK}`. Held-out pictures show combinations that training never saw; every single thing was seen.

| what | measured | target | |
|---|---|---|---|
{chr(10).join(rows)}

## Limits

Captions are English and of the demo's few words; other words are read letter by letter and mean nothing to it.
Scores and captions of photographs, or of anything else the demo does not draw, are meaningless.
"""
    write_text(folder / CARD_FILE, text)
    return folder / CARD_FILE


def _described(name: str) -> tuple[str, str, str, str]:
    """Return (what it is, pipeline tag, library, recipe) of a model."""
    return {"demo-base": _base, "demo-clip": _clip, "demo-blip": _blip}[name]()


def _base() -> tuple[str, str, str, str]:
    from sketchdesk.demo import autoencoder, base, tiny_decoder

    training = base.RECIPE
    return (
        "A text-to-image model, a `StableDiffusionPipeline` that predicts noise under SD2-base's schedule.",
        "text-to-image",
        "diffusers",
        f"the autoencoder {autoencoder.RECIPE.steps} steps of {autoencoder.BATCH} pictures with L1, L2 and edge "
        f"losses, then U-Net and text encoder together from noise, {training.max_train_steps} steps of "
        f"{training.train_batch_size} pictures at a rate of {training.learning_rate}, EMA, "
        f"{100 * base.SKETCH_SHARE:.0f} % of the pictures sketches captioned with the style words. Its tiny decoder, "
        f"for previews and fast drawing, learnt from the autoencoder's, {tiny_decoder.RECIPE.steps} steps of "
        f"{tiny_decoder.BATCH} pictures (`sketchdesk demo build tiny-decoder`).",
    )


def _clip() -> tuple[str, str, str, str]:
    return (
        "A scorer, a `CLIPModel`: the cosine of a picture with a text says how well they fit.",
        "zero-shot-image-classification",
        "transformers",
        f"{clip.RECIPE.steps} steps of {clip.SCENES_PER_BATCH + clip.TWINS_PER_BATCH} pictures at a rate of "
        f"{clip.RECIPE.learning_rate}, CLIP's contrastive loss without the captions that are true of other "
        "pictures of the batch; half of them are sketches, a quarter repeat scenes of the batch in the other style.",
    )


def _blip() -> tuple[str, str, str, str]:
    return (
        "A captioner, a `BlipForConditionalGeneration`: it tells what a picture shows, and whether it is a sketch.",
        "image-to-text",
        "transformers",
        f"{blip.RECIPE.steps} steps of {blip.BATCH} pictures, half of them sketches, at a rate of "
        f"{blip.RECIPE.learning_rate}, cross entropy of the next word.",
    )


def _parameters(folder: Path) -> int:
    """Return how many numbers the folder's weight files hold."""
    headers = [safetensors_header(file) for file in folder.rglob("*.safetensors")]
    return sum(math.prod(entry["shape"]) for header in headers for entry in header.values() if "shape" in entry)
