"""Layers with their weights as oneDNN's kernels keep them; they can be used and not changed.

A kernel can add another picture to what it computes, gate it or send it through an activation before that leaves the
processor's registers: what would be a pass of its own over hundreds of megabytes costs next to nothing there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from diffusers.models.activations import GEGLU
from torch import Tensor, nn

_ADD: tuple[Any, ...] = ("add", None, None, [], None)
"""What a convolution's kernel does with another picture, and that it does no more."""


def packed_weight(weight: Tensor) -> Tensor:
    """Return a linear layer's weight [D, C] as oneDNN keeps it."""
    packed: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight)
    return packed


class PackedConv2d(nn.Module):
    """A convolution [B, C, h, w] → [B, D, h', w'] with packed weights."""

    def __init__(self, layer: nn.Conv2d) -> None:
        super().__init__()
        self.in_channels, self.out_channels = layer.in_channels, layer.out_channels
        self._shape = (layer.padding, layer.stride, layer.dilation, layer.groups)
        lay_out: Callable[..., Tensor] = torch._C._nn.mkldnn_reorder_conv2d_weight
        self._weight = lay_out(layer.weight.to_mkldnn(), *self._shape)
        self.bias = layer.bias

    def forward(self, image: Tensor) -> Tensor:
        """Return the layer's answer, with channels last in memory."""
        run: Callable[..., Tensor] = torch.ops.mkldnn._convolution_pointwise
        return run(image, self._weight, self.bias, *self._shape, "none", [], "")

    def added(self, image: Tensor, other: Tensor) -> Tensor:
        """Return the layer's answer plus another picture of its shape."""
        run: Callable[..., Tensor] = torch.ops.mkldnn._convolution_pointwise.binary
        return run(image, other, self._weight, self.bias, *self._shape, *_ADD)

    def added_to(self, other: Tensor, image: Tensor) -> Tensor:
        """Add the layer's answer to a picture of its shape, in that picture's place, and return it."""
        run: Callable[..., Tensor] = torch.ops.mkldnn._convolution_pointwise_.binary
        return run(other, image, self._weight, self.bias, *self._shape, *_ADD)


class PackedLinear(nn.Module):
    """A linear layer [..., C] → [..., D] with packed weights."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self._weight = packed_weight(layer.weight)
        self.bias = layer.bias

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the layer's answer."""
        run: Callable[..., Tensor] = torch.ops.mkldnn._linear_pointwise
        return run(tokens, self._weight, self.bias, "none", [], "")


class PackedGeglu(nn.Module):
    """A gated linear unit, [..., C] → [..., D]: one half of what a linear layer says, gated by GELU of the other."""

    def __init__(self, layer: GEGLU) -> None:
        super().__init__()
        self._halves = [packed_weight(half) for half in layer.proj.weight.chunk(2)]
        self.bias = layer.proj.bias

    def forward(self, tokens: Tensor, *_more: object) -> Tensor:
        """Return the unit's answer."""
        linear: Any = torch.ops.mkldnn._linear_pointwise
        value, gate = self._halves
        value_bias, gate_bias = (None, None) if self.bias is None else self.bias.chunk(2)
        gated = linear(tokens, gate, gate_bias, "gelu", [], "none")
        said: Tensor = linear.binary(tokens, gated, value, value_bias, "mul")
        return said
