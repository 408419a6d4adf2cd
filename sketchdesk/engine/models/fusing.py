"""Blocks of packed layers that go over their pictures fewer times than the library's, and say the same."""

from __future__ import annotations

from types import MethodType
from typing import Any

import torch.nn.functional as F
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from torch import Tensor, nn

from sketchdesk.engine.models.packed_layers import PackedConv2d


def fuse(network: nn.Module) -> None:
    """Let the blocks of a packed network do as they did, in fewer passes."""
    for block in network.modules():
        if isinstance(block, ResnetBlock2D) and _is_plain(block):
            block.forward = MethodType(_residual, block)
        elif isinstance(block, Transformer2DModel):
            block._get_output_for_continuous_inputs = MethodType(_channels_last_output, block)


def _is_plain(block: ResnetBlock2D) -> bool:
    """Tell whether a block is one of those that all our families are made of."""
    resizes = block.upsample is not None or block.downsample is not None
    packed = isinstance(block.conv2, PackedConv2d) and block.output_scale_factor == 1
    adds = block.time_emb_proj is None or block.time_embedding_norm == "default"  # an autoencoder's are told no step
    return packed and adds and not resizes and isinstance(block.nonlinearity, nn.SiLU)


def _residual(block: Any, image: Tensor, temb: Any = None, *_more: object) -> Tensor:
    """Do as ResnetBlock2D does: [B, C, h, w], in a U-Net with the step's embedding [B, E] → [B, D, h, w]."""
    hidden = block.conv1(F.silu(block.norm1(image), inplace=True))
    if block.time_emb_proj is not None:
        hidden += block.time_emb_proj(F.silu(temb))[:, :, None, None]
    hidden = F.silu(block.norm2(hidden), inplace=True)
    if block.conv_shortcut is None:
        return block.conv2.added(hidden, image)
    return block.conv2.added_to(block.conv_shortcut(image), hidden)


def _channels_last_output(
    block: Any, hidden_states: Tensor, residual: Tensor, batch_size: int, height: int, width: int, inner_dim: int
) -> Tensor:
    """Do as Transformer2DModel does, [B, h·w, C] → [B, C, h, w], without copying the picture into another order."""
    shape = (batch_size, height, width, inner_dim)
    if block.use_linear_projection:
        return block.proj_out(hidden_states).reshape(shape).permute(0, 3, 1, 2) + residual
    return block.proj_out.added(hidden_states.reshape(shape).permute(0, 3, 1, 2), residual)
