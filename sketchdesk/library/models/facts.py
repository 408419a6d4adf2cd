"""What a model's files say of its size, read from headers and configurations only: no weight is loaded."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.loose import items, mapping, text, whole
from sketchdesk.library.models.families import reads_mask
from sketchdesk.library.models.ldm_layout import CLIP_PREFIX, OPEN_CLIP_PREFIX, UNET_PREFIX, VAE_PREFIX, read_layout
from sketchdesk.library.models.single_file import shapes_of, single_file_family, told_prediction
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header


class Level(Struct, frozen=True, kw_only=True):
    """One resolution of the U-Net: each level halves the side of the one before."""

    channels: int
    layers: int
    """Residual blocks, those on the way down and up together."""
    heads: int
    """Attention heads, 0 where the level has no attention."""


class JudgeFacts(Struct, frozen=True, kw_only=True):
    """A CLIP and a tiny decoder in numbers."""

    clip_parameters: int
    layers: int
    """Of the half that sees pictures; so for the next three."""
    width: int
    heads: int
    tokens: int
    tiny_parameters: int = 0
    """Of the tiny decoder; 0 where there is none, and the VAE's decoder is seen through."""
    tiny_channels: int = 64
    """Of it, at full resolution."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """A Stable Diffusion folder or single file in numbers."""

    unet_parameters: int
    text_parameters: int
    vae_parameters: int
    sample_size_px: int
    """Side of the pictures it was trained on."""
    cell_px: int
    """Pixels per latent cell along one side."""
    latent_channels: int
    vae_channels: int
    """Channels of the autoencoder at full resolution."""
    text_width: int
    text_tokens: int
    levels: tuple[Level, ...]
    size_bytes: int
    """Of the whole folder or file on disk."""
    text_layers: int = 0
    """Of the text encoder; 0 where the files do not say."""
    vae_widths: tuple[int, ...] = (128, 256, 512, 512)
    """Channels of the autoencoder's levels, at full resolution first."""
    vae_layers: int = 2
    """Residual blocks of each on the way to latents; on the way back there is one more."""
    inpaints: bool = False
    """Whether it draws only with a picture and a mask."""
    judge: JudgeFacts | None = None
    """Of a training with a reward, what it loads for that; None where there is none, or it is not known."""

    @property
    def parameters(self) -> int:
        """Of all networks that training loads."""
        return self.unet_parameters + self.text_parameters + self.vae_parameters


def model_facts(path: Path) -> ModelFacts:
    """Read the facts of a model folder or a single file.

    Raises SketchDeskError: MODEL_UNREADABLE for anything else, for a single file also MODEL_INCOMPLETE and
    FAMILY_UNKNOWN.
    """
    try:
        return _facts_of_file(path) if path.is_file() else _facts_of_folder(path)
    except OSError as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error


def _facts_of_folder(folder: Path) -> ModelFacts:
    unet, vae, encoder = (_config(folder / part) for part in ("unet", "vae", "text_encoder"))
    counts = [count_parameters(folder / part) for part in ("unet", "text_encoder", "vae")]
    size_bytes = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    return _facts(unet, vae, encoder, counts, size_bytes)


def _facts_of_file(path: Path) -> ModelFacts:
    header = safetensors_header(path)
    shapes = shapes_of(header)
    layout = read_layout(shapes, path.name)
    prefixes = (UNET_PREFIX, OPEN_CLIP_PREFIX if layout.open_clip else CLIP_PREFIX, VAE_PREFIX)
    counts = [_count({name: header[name] for name in shapes if name.startswith(prefix)}) for prefix in prefixes]
    family = single_file_family(path, layout.open_clip, told_prediction(path, header) or "epsilon")
    cells = 2 ** (len(layout.vae["block_out_channels"]) - 1)
    unet = layout.unet | {"sample_size": family.side_px // cells}
    return _facts(unet, layout.vae, layout.text_encoder, counts, path.stat().st_size)


def _facts(
    unet: dict[str, Any], vae: dict[str, Any], encoder: dict[str, Any], counts: list[int], size_bytes: int
) -> ModelFacts:
    """Return the facts by the networks' configurations; `counts` are their parameters: U-Net, text encoder, VAE."""
    vae_blocks = [whole(each) or 0 for each in items(vae.get("block_out_channels"))]
    cell_px = 2 ** max(0, len(vae_blocks) - 1)
    latent = whole(vae.get("latent_channels")) or 4
    return ModelFacts(
        unet_parameters=counts[0],
        text_parameters=counts[1],
        vae_parameters=counts[2],
        sample_size_px=(whole(unet.get("sample_size")) or 64) * cell_px,
        cell_px=cell_px,
        latent_channels=latent,
        inpaints=reads_mask(whole(unet.get("in_channels")) or latent, latent),
        vae_channels=vae_blocks[0] if vae_blocks else 128,
        vae_widths=tuple(vae_blocks) or (128, 256, 512, 512),
        vae_layers=whole(vae.get("layers_per_block")) or 2,
        text_width=whole(encoder.get("hidden_size")) or 768,
        text_tokens=whole(encoder.get("max_position_embeddings")) or 77,
        text_layers=whole(encoder.get("num_hidden_layers")) or 0,
        levels=_levels(unet),
        size_bytes=size_bytes,
    )


def count_parameters(folder: Path) -> int:
    """Return how many numbers a network's safetensors files hold, by their headers; each precision is counted once.

    Raises SketchDeskError(MODEL_UNREADABLE) where there are none.
    """
    files = sorted(folder.glob(f"*{SAFE_SUFFIX}"))
    # "model.fp16.safetensors" beside "model.safetensors" is the same network again.
    plain = [file for file in files if file.name.count(".") == 1] or files
    if not plain:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), "no safetensors file")
    return sum(_count(safetensors_header(file)) for file in plain)


def _count(header: dict[str, Any]) -> int:
    shapes = (items(mapping(tensor).get("shape")) for name, tensor in header.items() if name != METADATA_KEY)
    return sum(math.prod(whole(side) or 0 for side in shape) for shape in shapes)


def _levels(unet: dict[str, Any]) -> tuple[Level, ...]:
    channels = [whole(each) or 0 for each in items(unet.get("block_out_channels"))]
    kinds = [text(kind) for kind in items(unet.get("down_block_types"))]
    # diffusers names the number of heads of these U-Nets attention_head_dim.
    heads = unet.get("num_attention_heads") or unet.get("attention_head_dim")
    each_head = [whole(head) or 0 for head in items(heads)] or [whole(heads) or 8] * len(channels)
    down = whole(unet.get("layers_per_block")) or 2
    return tuple(
        Level(channels=width, layers=2 * down + 1, heads=head if "Attn" in kind else 0)
        for width, kind, head in zip(channels, kinds, each_head, strict=False)
    )


def _config(folder: Path) -> dict[str, Any]:
    try:
        return mapping(msgspec.json.decode((folder / "config.json").read_bytes()))
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), str(error)) from error
