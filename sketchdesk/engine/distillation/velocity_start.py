"""From a U-Net that says ε, ν or x0 of a noise schedule's latents to one that says a rectified flow's velocity.

The path and the times change exactly, the head does not: (x_s − ε) / (1 − s) is no linear layer's affair. What can be
done before any training is done in closed form: the time embedding of 1000 s is made that of τ(s), and the last layer
is fitted to pairs by least squares.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from diffusers import UNet2DConditionModel
from torch import Tensor, nn

from sketchdesk.engine.distillation.networks import path_of
from sketchdesk.engine.distillation.time_map import NoisePath
from sketchdesk.engine.distillation.velocity_model import FLOW_STEPS
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.library.models.perflow import is_perflow

POINTS = 2_000
"""Times at which the two embeddings are brought together."""
RIDGE = 1e-6
"""Of the mean square of what is fitted with: keeps the solution small where the data say nothing."""


def as_velocity(model: StableDiffusion) -> None:
    """Make a model that of a rectified flow but for its U-Net's last layer, which is fitted to pairs; in place."""
    map_times(model.unet, path_of(model.scheduler_config))
    model.rectified_flow = True
    if is_perflow(model.scheduler_config):  # what is no longer true of it
        stock = {"_class_name": "PNDMScheduler", "prediction_type": "epsilon"}
        model.scheduler_config = {**model.scheduler_config, **stock}


@torch.no_grad()
def map_times(unet: UNet2DConditionModel, path: NoisePath) -> float:
    """Make the time embedding of 1000 s what that of τ(s) was; return the error left, relative to the spread.

    Only its second layer changes, fitted by least squares over times from 0 to 1.
    """
    embedding = unet.time_embedding
    s = torch.linspace(0, 1, POINTS, dtype=torch.float64)
    wanted = embedding(unet.time_proj(path.tau(s).float())).double()
    inner = embedding.act(embedding.linear_1(unet.time_proj(FLOW_STEPS * s.float()))).double()
    inner = torch.cat([inner, torch.ones(POINTS, 1, dtype=torch.float64)], dim=1)
    solved = ridge(inner.T @ inner, inner.T @ wanted)
    embedding.linear_2.weight.copy_(solved[:-1].T)
    embedding.linear_2.bias.copy_(solved[-1])
    left = (inner @ solved - wanted).square().mean() / (wanted - wanted.mean(dim=0)).square().mean()
    return float(left.sqrt())


@torch.no_grad()
def fit_last_layer(layer: nn.Conv2d, tries: Iterable[tuple[Callable[[], object], Tensor]]) -> None:
    """Set a network's last convolution to what comes nearest to wanted answers, by least squares.

    `tries` are calls that have the network answer, each with the answers wanted of it [B, C, h, w].
    """
    seen: list[Tensor] = []
    handle = layer.register_forward_pre_hook(lambda _layer, given: seen.append(given[0]))
    size = layer.weight[0].numel() + 1
    products = torch.zeros(size, size, dtype=torch.float64)
    answers = torch.zeros(size, layer.out_channels, dtype=torch.float64)
    try:
        for ask, wanted in tries:
            seen.clear()
            ask()
            patches = F.unfold(seen[0].float(), layer.kernel_size, layer.dilation, layer.padding, layer.stride)  # type: ignore[arg-type]
            rows = F.pad(patches.transpose(1, 2).reshape(-1, size - 1), (0, 1), value=1.0)
            products += (rows.T @ rows).double().cpu()
            told = wanted.float().flatten(2).transpose(1, 2).reshape(-1, layer.out_channels)
            answers += (rows.T @ told).double().cpu()
    finally:
        handle.remove()
    solved = ridge(products, answers).to(layer.weight)
    layer.weight.copy_(solved[:-1].T.reshape(layer.weight.shape))
    if layer.bias is not None:
        layer.bias.copy_(solved[-1])


def ridge(products: Tensor, wanted: Tensor) -> Tensor:
    """Return W [N, M] that minimises ‖F W − Y‖² + ridge, of FᵀF [N, N] and FᵀY [N, M] in fp64."""
    level = RIDGE * products.diagonal().mean()
    eye = torch.eye(len(products), dtype=products.dtype)
    solved: Tensor = torch.linalg.solve(products + level * eye, wanted)
    return solved
