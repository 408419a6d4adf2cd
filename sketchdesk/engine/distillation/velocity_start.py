"""From a U-Net that says ε, ν or x0 of a noise schedule's latents to one that says a rectified flow's velocity.

The path and the times change exactly, the head does not: (x_s − ε) / (1 − s) is no linear layer's affair. What can be
done before any training is done in closed form: the time embedding of 1000 s is made that of τ(s), and the last layer
is fitted to pairs by least squares.
"""

from __future__ import annotations

import torch
from diffusers import UNet2DConditionModel

from sketchdesk.engine.distillation.networks import head_of
from sketchdesk.engine.distillation.time_map import VPPath
from sketchdesk.engine.distillation.velocity_model import FLOW_STEPS
from sketchdesk.engine.models.stable_diffusion import StableDiffusion

POINTS = 2_000
"""Times at which the two embeddings are brought together."""
RIDGE = 1e-6
"""Of the mean square of what is fitted with: keeps the solution small where the data say nothing."""


def as_velocity(model: StableDiffusion) -> None:
    """Make a model's U-Net that of a rectified flow, as near as it comes without training; changes it in place."""
    head, path = head_of(model), VPPath.of(model.scheduler_config)
    map_times(model.unet, path)
    if head == "epsilon":  # z, where x0 − z is wanted: at pure noise, where x0 is small, nearly its opposite
        with torch.no_grad():
            for parameter in model.unet.conv_out.parameters():
                parameter.neg_()
    model.rectified_flow = True


@torch.no_grad()
def map_times(unet: UNet2DConditionModel, path: VPPath) -> float:
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


def ridge(products: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Return W [N, M] that minimises ‖F W − Y‖² + ridge, of FᵀF [N, N] and FᵀY [N, M] in fp64."""
    level = RIDGE * products.diagonal().mean()
    eye = torch.eye(len(products), dtype=products.dtype)
    solved: torch.Tensor = torch.linalg.solve(products + level * eye, wanted)
    return solved
