"""Attention over a few queries at a time: the same numbers, with only a slice of the scores in memory at once."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention, AttnProcessor2_0
from torch import Tensor

QUERIES = 1024
"""Image tokens that look at the others at once; 512 pixels a side have 4096."""


class SlicedAttention:
    """An attention processor for U-Net blocks, which have no mask and no norms of their own."""

    def __call__(
        self,
        attn: Attention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """Return what the tokens [B, N, D] become by looking at themselves, or at `encoder_hidden_states` [B, L, E]."""
        seen = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        key, value = (_heads(project(seen), attn.heads) for project in (attn.to_k, attn.to_v))
        told = torch.empty_like(hidden_states)
        for begin in range(0, hidden_states.shape[1], QUERIES):
            part = slice(begin, begin + QUERIES)
            query = _heads(attn.to_q(hidden_states[:, part]), attn.heads)
            looked = F.scaled_dot_product_attention(query, key, value).transpose(1, 2).flatten(2)
            told[:, part] = attn.to_out[0](looked)
        return told


def slice_attention(unet: UNet2DConditionModel, on: bool) -> None:
    """Let a U-Net attend in slices, or all at once as it does by itself."""
    wanted = SlicedAttention if on else AttnProcessor2_0
    if not all(isinstance(processor, wanted) for processor in unet.attn_processors.values()):
        unet.set_attn_processor(wanted())


def _heads(tokens: Tensor, heads: int) -> Tensor:
    """Return [B, N, heads × d] as [B, heads, N, d]."""
    return tokens.unflatten(-1, (heads, -1)).transpose(1, 2)
