"""A model as a single file in the layout of the first Stable Diffusion code: the inverse of reading one (ldm).

Every program that draws with Stable Diffusion reads it. What its reader would take for other networks than these is
refused: the layout holds weights and no settings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.parts import told_prediction
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.models.tensor_file import write_tensors
from sketchdesk.library.files.atomic import replacing
from sketchdesk.library.models.kind import kind_of
from sketchdesk.library.models.ldm_layout import CLIP_PREFIX, OPEN_CLIP_PREFIX, UNET_PREFIX, VAE_PREFIX, read_layout
from sketchdesk.library.models.perflow import PERFLOW_CLASS, is_perflow

_DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}
_UNET = {
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "mid_block.resnets.0": "middle_block.0", "mid_block.attentions.0": "middle_block.1",
    "mid_block.resnets.1": "middle_block.2",
}  # fmt: skip
_RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
_VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
_OPEN_CLIP = {
    "layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}  # fmt: skip
_OPEN_CLIP_OUTSIDE = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight", "final_layer_norm.bias": "ln_final.bias",
}  # fmt: skip
_TOKENS = ("bos_token_id", "eos_token_id", "pad_token_id")
"""The text encoder finds a text's end by its highest token, whatever these say."""


def export_single_file(source: Path, target: Path) -> Path:
    """Write a model, in the precision its U-Net is stored in, as a single file in place of `target` and return that.

    Raises SketchDeskError: BAD_INPUT for a model that the layout cannot hold; what loading it raises; DISK_FULL or
    NOT_WRITABLE.
    """
    model = load_stable_diffusion(source, torch.device("cpu"), _DTYPES.get(kind_of(source).precision, torch.float32))
    if is_perflow(model.scheduler_config):
        raise _misfit(source.name, "scheduler", PERFLOW_CLASS)
    tensors = ldm_tensors(model)
    predicts = told_prediction(model)
    told = {"modelspec.sai_model_spec": "1.0.1", "modelspec.title": source.stem, "modelspec.prediction_type": predicts}
    with replacing(target) as temporary:
        write_tensors(temporary, tensors, told)
    return target


def ldm_tensors(model: StableDiffusion) -> dict[str, Tensor]:
    """Return a model's weights by their names in the layout. Raises SketchDeskError(BAD_INPUT), see above."""
    up_attends = [kind.startswith("CrossAttn") for kind in model.unet.config.up_block_types]
    open_clip = bool(model.unet.config.use_linear_projection)
    text = dict(_open_clip(model.text_encoder.state_dict()) if open_clip else _clip(model.text_encoder.state_dict()))
    tensors = {
        **{UNET_PREFIX + _unet_name(name, model.unet.config.layers_per_block, up_attends): value
           for name, value in model.unet.state_dict().items()},
        **{VAE_PREFIX + _vae_name(name, len(model.vae.config.block_out_channels)): _square(name, value)
           for name, value in model.vae.state_dict().items()},
        **text,
    }  # fmt: skip
    _check(model, tensors)
    return tensors


def _check(model: StableDiffusion, tensors: Mapping[str, Tensor]) -> None:
    """Make sure that what a reader concludes from the tensors are the networks they came from."""
    layout = read_layout({name: tuple(value.shape) for name, value in tensors.items()}, model.folder.name)
    # What the family says and no file: the size of its pictures; what serves other tasks: the projection.
    told_elsewhere = {"sample_size", "upcast_attention", "projection_dim", *_TOKENS}
    for part in ("unet", "vae", "text_encoder"):
        config = getattr(model, part).config
        for name, value in getattr(layout, part).items():
            if name not in told_elsewhere and _plain(getattr(config, name, None)) != _plain(value):
                raise _misfit(model.folder.name, part, name)


def _misfit(model: str, part: str, setting: str) -> SketchDeskError:
    sentence = _("“{name}” cannot be one file: programs that read those expect another {part} ({setting}).")
    return SketchDeskError(ErrorKind.BAD_INPUT, sentence.format(name=model, part=part, setting=setting))


def _plain(value: Any) -> object:
    """Return a setting so that spellings of one thing are equal: (8, 8) and [8, 8] and 8."""
    values = list(value) if isinstance(value, list | tuple) else [value]
    return values[0] if all(each == values[0] for each in values) else values


def _unet_name(name: str, layers: int, up_attends: Sequence[bool]) -> str:
    for ours, theirs in _UNET.items():
        if name.startswith(f"{ours}."):
            return _resnet(theirs + name.removeprefix(ours))
    match = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", name)
    assert match, name
    side, kind, rest = match[1], match[3], match[5]
    number = int(match[2]) * (layers + 1) + int(match[4])
    if kind == "downsamplers":
        return f"input_blocks.{number + layers + 1}.0.op.{rest.removeprefix('conv.')}"
    if kind == "upsamplers":
        return f"output_blocks.{number + layers}.{1 + up_attends[int(match[2])]}.{rest}"
    block = f"input_blocks.{number + 1}" if side == "down" else f"output_blocks.{number}"
    return _resnet(f"{block}.{int(kind == 'attentions')}.{rest}")


def _resnet(name: str) -> str:
    *before, part, last = name.split(".")
    return name if "transformer_blocks" in before else ".".join([*before, _RESNET.get(part, part), last])


def _vae_name(name: str, levels: int) -> str:
    name = re.sub(r"down_blocks\.(\d+)\.resnets\.(\d+)", r"down.\1.block.\2", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d+)\.resnets\.(\d+)", lambda m: f"up.{levels - 1 - int(m[1])}.block.{m[2]}", name)
    name = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    head, attention, rest = name.partition("mid_block.attentions.0.")
    if not attention:
        return name
    part, _dot, last = rest.rpartition(".")
    return f"{head}mid.attn_1.{_VAE_ATTENTION[part]}.{last}"


def _square(name: str, value: Tensor) -> Tensor:
    """Return a weight of the autoencoder's attention as the 1 × 1 convolution that it was."""
    is_matrix = ".attentions." in name and value.ndim == 2
    return value[:, :, None, None] if is_matrix else value


def _clip(weights: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    for name, value in weights.items():
        yield f"{CLIP_PREFIX}text_model.{name.removeprefix('text_model.')}", value


def _open_clip(weights: Mapping[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    plain = {name.removeprefix("text_model."): value for name, value in weights.items()}
    for name, value in plain.items():
        if name in _OPEN_CLIP_OUTSIDE:
            yield OPEN_CLIP_PREFIX + _OPEN_CLIP_OUTSIDE[name], value
            continue
        layer, rest = name.removeprefix("encoder.layers.").split(".", 1)
        block = f"{OPEN_CLIP_PREFIX}transformer.resblocks.{layer}."
        part, _dot, last = rest.rpartition(".")
        if part == "self_attn.q_proj":  # one matrix for all three
            three = [plain[name.replace("q_proj", f"{kind}_proj")] for kind in "qkv"]
            yield f"{block}attn.in_proj_{last}", torch.cat(three)
        elif part in _OPEN_CLIP:
            yield f"{block}{_OPEN_CLIP[part]}.{last}", value
