"""The layout of a single file as the first Stable Diffusion code wrote it, read from names and shapes alone.

`model.diffusion_model.*` is the U-Net, `first_stage_model.*` the autoencoder, `cond_stage_model.*` the text encoder:
CLIP's under `transformer.`, OpenCLIP's under `model.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.models.families import TEXT, TEXT_2, UNET, UNET_2, VAE, reads_mask

UNET_PREFIX = "model.diffusion_model."
VAE_PREFIX = "first_stage_model."
CLIP_PREFIX = "cond_stage_model.transformer."
OPEN_CLIP_PREFIX = "cond_stage_model.model."
XL_PREFIX = "conditioner.embedders."

Shapes = Mapping[str, tuple[int, ...]]

HEAD_WIDTH = 64
FULL_OPEN_CLIP_LAYERS = 24


class LdmLayout(Struct, frozen=True, kw_only=True):
    """The configurations of a single file's three networks, as diffusers and transformers name the settings."""

    open_clip: bool
    unet: dict[str, Any]
    vae: dict[str, Any]
    text_encoder: dict[str, Any]

    @property
    def inpaints(self) -> bool:
        """Whether it draws only with a picture and a mask."""
        return reads_mask(self.unet["in_channels"], self.vae["latent_channels"])


def is_ldm(names: Iterable[str]) -> bool:
    """Tell whether tensor names are those of a single-file model."""
    return any(name.startswith(UNET_PREFIX) for name in names)


def read_layout(shapes: Shapes, name: str) -> LdmLayout:
    """Return the layout of a file's tensors; `name` is for the sentences.

    Raises SketchDeskError: MODEL_INCOMPLETE for a file without autoencoder or text encoder, FAMILY_UNKNOWN for one
    of another family or in another layout, MODEL_UNREADABLE for parts of several models.
    """
    if any(key.startswith(XL_PREFIX) for key in shapes):
        raise SketchDeskError(ErrorKind.FAMILY_UNKNOWN, name, "Stable Diffusion XL")
    if "conv_in.weight" in shapes and any(key.startswith("down_blocks.") for key in shapes):
        raise _incomplete(_("“{name}” holds a U-Net alone, without text encoder and autoencoder."), name)
    if not is_ldm(shapes):
        raise SketchDeskError(ErrorKind.FAMILY_UNKNOWN, name, f"no {UNET_PREFIX}*")
    open_clip = any(key.startswith(OPEN_CLIP_PREFIX) for key in shapes)
    if not open_clip and not any(key.startswith(CLIP_PREFIX) for key in shapes):
        raise _incomplete(_("“{name}” holds no text encoder, so it cannot read prompts."), name)
    if not any(key.startswith(VAE_PREFIX) for key in shapes):
        raise _incomplete(_("“{name}” holds no autoencoder (VAE), so it cannot make pictures."), name)
    try:
        text = open_clip_config(_under(shapes, OPEN_CLIP_PREFIX)) if open_clip else clip_config(clip_shapes(shapes))
        layout = LdmLayout(
            open_clip=open_clip,
            unet=unet_config(_under(shapes, UNET_PREFIX)),
            vae=vae_config(_under(shapes, VAE_PREFIX)),
            text_encoder=text,
        )
    except (KeyError, IndexError, StopIteration, ValueError) as error:  # a file is whole when its tensors are asked for
        raise SketchDeskError(ErrorKind.FAMILY_UNKNOWN, name, f"laid out in another way: {error}") from error
    given, latent = layout.unet["in_channels"], layout.vae["latent_channels"]
    if given != latent and not reads_mask(given, latent):
        raise SketchDeskError(ErrorKind.FAMILY_UNKNOWN, name, f"a U-Net of {given} channels")
    if layout.unet["cross_attention_dim"] != text["hidden_size"]:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, name, "the text encoder belongs to another model")
    return layout


def unet_config(shapes: Shapes) -> dict[str, Any]:
    """Return the configuration of a U-Net by its tensors' shapes, named without their prefix."""
    channels: list[int] = []
    attention: list[bool] = []
    layers: list[int] = []
    level = 0
    for block in range(1, _count(shapes, r"input_blocks\.(\d+)\.")):
        if f"input_blocks.{block}.0.op.weight" in shapes:
            level += 1
            continue
        width = shapes[f"input_blocks.{block}.0.out_layers.3.weight"][0]
        if level == len(channels):
            channels.append(width)
            layers.append(0)
            attention.append(f"input_blocks.{block}.1.proj_in.weight" in shapes)
        layers[level] += 1
    if len(set(layers)) != 1:
        raise ValueError("levels of different depth")
    first = next(name for name in shapes if name.endswith("attn2.to_k.weight"))
    linear = len(shapes["middle_block.1.proj_in.weight"]) == 2
    return (UNET_2 if linear else UNET) | {
        "attention_head_dim": [width // HEAD_WIDTH for width in channels] if linear else 8,
        "block_out_channels": channels,
        "cross_attention_dim": shapes[first][1],
        "down_block_types": ["CrossAttnDownBlock2D" if each else "DownBlock2D" for each in attention],
        "up_block_types": ["CrossAttnUpBlock2D" if each else "UpBlock2D" for each in reversed(attention)],
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "out_channels": shapes["out.2.weight"][0],
        "layers_per_block": layers[0],
    }


def vae_config(shapes: Shapes) -> dict[str, Any]:
    """Return the configuration of an autoencoder by its tensors' shapes, named without their prefix."""
    levels = _count(shapes, r"encoder\.down\.(\d+)\.")
    return VAE | {
        "block_out_channels": [shapes[f"encoder.down.{level}.block.0.conv1.weight"][0] for level in range(levels)],
        "down_block_types": ["DownEncoderBlock2D"] * levels,
        "up_block_types": ["UpDecoderBlock2D"] * levels,
        "in_channels": shapes["encoder.conv_in.weight"][1],
        "out_channels": shapes["decoder.conv_out.weight"][0],
        "latent_channels": shapes["post_quant_conv.weight"][0],
        "layers_per_block": _count(shapes, r"encoder\.down\.0\.block\.(\d+)\."),
    }


def clip_shapes(shapes: Shapes) -> dict[str, tuple[int, ...]]:
    """Return CLIP's tensors by the names transformers gives them; some files leave `text_model.` out."""
    return {
        name.removeprefix("text_model."): shape
        for name, shape in _under(shapes, CLIP_PREFIX).items()
        if not name.endswith("position_ids")
    }


def clip_config(shapes: Shapes) -> dict[str, Any]:
    """Return the configuration of CLIP's text encoder by its tensors' shapes."""
    words, width = shapes["embeddings.token_embedding.weight"]
    return TEXT | {
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": shapes["encoder.layers.0.mlp.fc1.weight"][0],
        "max_position_embeddings": shapes["embeddings.position_embedding.weight"][0],
        "num_attention_heads": max(1, width // HEAD_WIDTH),
        "num_hidden_layers": _count(shapes, r"encoder\.layers\.(\d+)\."),
        "projection_dim": width,
    }


def open_clip_config(shapes: Shapes) -> dict[str, Any]:
    """Return the configuration of OpenCLIP's text encoder without its last layer, which Stable Diffusion 2 skips.

    Files made from a diffusers folder have left that layer out already, and with it the projection behind it.
    """
    words, width = shapes["token_embedding.weight"]
    layers = _count(shapes, r"transformer\.resblocks\.(\d+)\.")
    whole_tower = "text_projection" in shapes or layers == FULL_OPEN_CLIP_LAYERS
    return TEXT_2 | {
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": shapes["transformer.resblocks.0.mlp.c_fc.weight"][0],
        "max_position_embeddings": shapes["positional_embedding"][0],
        "num_attention_heads": max(1, width // HEAD_WIDTH),
        "num_hidden_layers": layers - whole_tower,
    }


def _under(shapes: Shapes, prefix: str) -> dict[str, tuple[int, ...]]:
    return {name.removeprefix(prefix): shape for name, shape in shapes.items() if name.startswith(prefix)}


def _count(shapes: Shapes, pattern: str) -> int:
    """Return how many numbers, from 0, the names hold where the pattern has its group."""
    found = {int(match[1]) for match in map(re.compile(pattern).match, shapes) if match}
    if found != set(range(len(found))) or not found:
        raise KeyError(pattern)
    return len(found)


def _incomplete(sentence: str, name: str) -> SketchDeskError:
    return SketchDeskError(ErrorKind.MODEL_INCOMPLETE, sentence.format(name=name))
