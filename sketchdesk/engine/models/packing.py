"""Weights laid out once as the processor's kernels want them, instead of anew at every call. The numbers stay the same.

oneDNN's matrix kernels read weights in blocks of their own. PyTorch keeps them in plain order, so that every layer
rearranges its weights each time it runs: with the small images of a U-Net's inner levels that takes longer than the
arithmetic. Here each layer hands its weights over for good, and pictures stay in the order in which the kernels pass
them on (channels last).
"""

from __future__ import annotations

import torch
from diffusers.models.activations import GEGLU
from torch import nn

from sketchdesk.engine.models.fusing import fuse
from sketchdesk.engine.models.packed_layers import PackedConv2d, PackedGeglu, PackedLinear
from sketchdesk.engine.models.parts import StableDiffusion


def pays(device: torch.device, dtype: torch.dtype) -> bool:
    """Tell whether the kernels that compute there take packed weights: bf16 on a CPU with oneDNN."""
    in_bf16 = device.type == "cpu" and dtype == torch.bfloat16
    return in_bf16 and torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def pack(model: StableDiffusion) -> None:
    """Pack every network of a model for drawing; it can no longer be trained, moved or saved."""
    for network in (model.unet, model.vae, model.text_encoder):
        pack_network(network)
        fuse(network)
    for layer in model.vae.modules():
        if isinstance(layer, nn.SiLU):
            layer.inplace = True  # each follows a norm whose answer, hundreds of megabytes, nobody else reads


def pack_network(network: nn.Module) -> None:
    """Pack the layers of a network one after the other, so that only a few of them are in memory twice."""
    for name, layer in list(network.named_children()):
        if type(layer) is nn.Conv2d and layer.padding_mode == "zeros" and not isinstance(layer.padding, str):
            setattr(network, name, PackedConv2d(layer))
        elif type(layer) is nn.Linear:
            setattr(network, name, PackedLinear(layer))
        elif type(layer) is GEGLU:
            setattr(network, name, PackedGeglu(layer))
        else:
            pack_network(layer)
