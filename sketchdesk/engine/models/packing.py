"""Weights laid out once as the processor's kernels want them, instead of anew at every call. The numbers stay the same.

oneDNN's matrix kernels read weights in blocks of their own. PyTorch keeps them in plain order, so that every layer
rearranges its weights each time it runs: with the small images of a U-Net's inner levels that takes longer than the
arithmetic. Here each layer hands its weights over for good, and pictures stay in the order in which the kernels pass
them on (channels last).
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from diffusers.models.transformers.transformer_2d import Transformer2DModel
from torch import Tensor, nn

from sketchdesk.engine.models.parts import StableDiffusion


class PackedConv2d(nn.Module):
    """A convolution [B, C, h, w] → [B, D, h', w'] that can be used and not changed."""

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


class PackedLinear(nn.Module):
    """A linear layer [..., C] → [..., D] that can be used and not changed."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self._weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight)
        self.bias = layer.bias

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the layer's answer."""
        run: Callable[..., Tensor] = torch.ops.mkldnn._linear_pointwise
        return run(tokens, self._weight, self.bias, "none", [], "")


def pays(device: torch.device, dtype: torch.dtype) -> bool:
    """Tell whether the kernels that compute there take packed weights: bf16 on a CPU with oneDNN."""
    in_bf16 = device.type == "cpu" and dtype == torch.bfloat16
    return in_bf16 and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def pack(model: StableDiffusion) -> None:
    """Pack every network of a model for drawing; it can no longer be trained, moved or saved."""
    for network in (model.unet, model.vae, model.text_encoder):
        pack_network(network)
    for layer in model.vae.modules():
        if isinstance(layer, nn.SiLU):
            layer.inplace = True  # each follows a norm whose answer, hundreds of megabytes, nobody else reads


def pack_network(network: nn.Module) -> None:
    """Pack the layers of a network one after the other, so that only a few of them are in memory twice."""
    if isinstance(network, Transformer2DModel):
        network._get_output_for_continuous_inputs = MethodType(_channels_last_output, network)
    for name, layer in list(network.named_children()):
        if type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
            setattr(network, name, PackedConv2d(layer))
        elif type(layer) is nn.Linear:
            setattr(network, name, PackedLinear(layer))
        else:
            pack_network(layer)


def _channels_last_output(
    block: Any, hidden_states: Tensor, residual: Tensor, batch_size: int, height: int, width: int, inner_dim: int
) -> Tensor:
    """Do as Transformer2DModel does, [B, h·w, C] → [B, C, h, w], without copying the picture into another order."""
    shape = (batch_size, height, width, inner_dim)
    if block.use_linear_projection:
        return block.proj_out(hidden_states).reshape(shape).permute(0, 3, 1, 2) + residual
    return block.proj_out(hidden_states.reshape(shape).permute(0, 3, 1, 2)) + residual
