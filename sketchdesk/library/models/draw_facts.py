"""How a model draws, as its files say: sizes and its own settings, read without loading anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.files.loose import mapping, number, whole
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.families import FAMILIES, Family
from sketchdesk.library.models.kind import kind_of

OWN_SETTINGS_FILE = "sketchdesk.json"


class DrawFacts(Struct, frozen=True, kw_only=True):
    """What a form and a forecast need to know of a model. The defaults are those of Stable Diffusion 1."""

    cell_px: int = 8
    """Width and height are multiples of this."""
    side_px: int = 512
    """Width and height the model was trained on."""
    guidance_scale: float = 7.5
    num_inference_steps: int = 25
    parameters: int = 0
    """Of the networks that draw; 0 where the files do not say."""
    largest_parameters: int = 0
    """Of the largest of these networks."""
    unet_channels: int = 320
    """Of the U-Net's outermost level."""
    vae_channels: int = 256
    """Of the widest layer of the decoder that works at full size."""
    text_layers: int = 0
    """Of the text encoder; 0 where the files do not say."""
    inpaints: bool = False
    """Whether it draws only with a picture and a mask."""


def mask_wanted() -> str:
    """Return the sentence for an inpainting model that is asked to draw without a mask."""
    return _("This is an inpainting model: it draws only with a picture and a mask.")


def draw_facts(path: Path) -> DrawFacts:
    """Return what a Stable Diffusion folder or file says; what it does not say is as in Stable Diffusion 1.

    Never raises.
    """
    own = _json(path / OWN_SETTINGS_FILE)
    family = _family(path)
    guidance = number(own.get("guidance_scale"))
    facts = DrawFacts(
        guidance_scale=family.guidance_scale if guidance is None else guidance,
        num_inference_steps=whole(own.get("num_inference_steps")) or family.num_inference_steps,
    )
    try:
        told = model_facts(path)
    except SketchDeskError:
        return facts
    return msgspec.structs.replace(
        facts,
        cell_px=told.cell_px,
        side_px=told.sample_size_px,
        parameters=told.parameters,
        largest_parameters=max(told.unet_parameters, told.text_parameters, told.vae_parameters),
        unet_channels=told.levels[0].channels if told.levels else facts.unet_channels,
        vae_channels=2 * told.vae_channels,  # the decoder's last level begins with what the one below it had
        text_layers=told.text_layers,
        inpaints=told.inpaints,
    )


def _family(path: Path) -> Family:
    try:
        return FAMILIES.get(kind_of(path).variant, FAMILIES["sd1"])
    except (SketchDeskError, OSError):
        return FAMILIES["sd1"]


def _json(path: Path) -> dict[str, Any]:
    try:
        return mapping(msgspec.json.decode(path.read_bytes()))
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
