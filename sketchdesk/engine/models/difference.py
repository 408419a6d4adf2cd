"""Instant few-step models: what one model learnt of drawing in few steps, added to another of the same base.

W = W_tuned + (W_few − W_base) over the U-Net. Tuning to a style and training for few steps each change a base a little
and in ways of their own, so that both changes hold together, well enough to draw at once and better after a short
distillation that begins there. So InstaFlow's makers give DreamShaper one step (Liu et al., 2309.06380), and PeRFlow is
published as such a difference (Yan et al., 2405.07510).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import torch
from accelerate import init_empty_weights
from diffusers import UNet2DConditionModel
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.folder import unet_of_folder
from sketchdesk.engine.models.ldm import filled
from sketchdesk.engine.models.lean import TensorFile
from sketchdesk.engine.models.parts import DrawnBy, prediction_type
from sketchdesk.engine.models.saving import save_with
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion, save_tuned

Weights = Mapping[str, Tensor]


def write_instant(tuned: Path, few: Path, base: Path, folder: Path) -> None:
    """Write the sum of models that lie there as a folder in diffusers' layout, its U-Net in fp32.

    It draws as the few-step model does, with the tuned one's text encoder and VAE. Of folders no more than the new
    U-Net is ever in memory. Raises SketchDeskError: BAD_INPUT where they are not of one kind, and as
    load_stable_diffusion does; OSError.
    """
    own, told, begun = unet_of(tuned), unet_of(few), unet_of(base)
    if _says(own.drawn) != _says(begun.drawn):
        sentence = _("“{tuned}” and “{base}” do not say the same of a picture; one cannot be made from the other.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, sentence.format(tuned=tuned.name, base=base.name))
    weights = with_difference(own.weights, told.weights, begun.weights)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if tuned.is_file():
        drawn = told.drawn
        made = replace(
            load_stable_diffusion(tuned, torch.device("cpu"), torch.float32), rectified_flow=drawn.rectified_flow,
            scheduler_config=drawn.scheduler_config, defaults=drawn.defaults,
        )  # fmt: skip
        made.unet.load_state_dict(weights, assign=True)
        save_tuned(made, ["unet"], folder)
    else:
        save_with(tuned, {"unet": network(own.config, weights)}, told.drawn, folder)


class UNetOf(NamedTuple):
    """A model's U-Net, and how it is drawn with."""

    weights: Weights
    """Those in a folder are read when they are asked for, where its files allow that."""
    config: Mapping[str, Any]
    drawn: DrawnBy


def unet_of(path: Path) -> UNetOf:
    """Return the U-Net of a model's folder or single file. Raises as load_stable_diffusion does."""
    if not path.is_file():
        return UNetOf(*unet_of_folder(path))
    model = load_stable_diffusion(path, torch.device("cpu"), torch.float32)
    drawn = DrawnBy(model.scheduler_config, model.rectified_flow, model.defaults, model.family)
    return UNetOf(model.unet.state_dict(), dict(model.unet.config), drawn)


def network(config: Mapping[str, Any], weights: Weights) -> UNet2DConditionModel:
    """Return the U-Net of a configuration with these weights in fp32, for use only. What is fp32 is not copied."""
    with init_empty_weights():
        unet = UNet2DConditionModel.from_config(config)
    return filled(unet, weights, torch.float32)


@torch.no_grad()
def with_difference(tuned: Weights, few: Weights, base: Weights) -> dict[str, Tensor]:
    """Return tuned + (few − base) in fp32 on the CPU, tensor by tensor. Raises SketchDeskError as check_alike does."""
    check_alike(tuned, few, base)
    return {name: tuned[name].cpu().float() + (few[name].float() - base[name].float()) for name in tuned}


def check_alike(*models: Weights) -> None:
    """Raise SketchDeskError(BAD_INPUT) for weights of other names or shapes."""
    shapes = [_shapes(weights) for weights in models]
    if any(each != shapes[0] for each in shapes):
        sentence = _("The models are not of one kind: their U-Nets have other layers.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, sentence)


def _shapes(weights: Weights) -> dict[str, tuple[int, ...]]:
    if isinstance(weights, TensorFile):
        return weights.shapes
    return {name: tuple(weight.shape) for name, weight in weights.items()}


def _says(model: DrawnBy) -> tuple[bool, str]:
    return model.rectified_flow, prediction_type(model)
