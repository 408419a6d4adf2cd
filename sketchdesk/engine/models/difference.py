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

import torch
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion, save_tuned

Weights = Mapping[str, Tensor]


def write_instant(tuned: Path, few: Path, base: Path, folder: Path) -> None:
    """Write the sum of models that lie there as a folder in diffusers' layout, its U-Net in fp32.

    It draws as the few-step model does, with the tuned one's text encoder and VAE. Raises SketchDeskError: BAD_INPUT
    where they are not of one kind, and as load_stable_diffusion does; OSError.
    """
    made, told = _loaded(tuned), _loaded(few)
    begun = _loaded(base)
    if (made.rectified_flow, made.prediction_type) != (begun.rectified_flow, begun.prediction_type):
        sentence = _("“{tuned}” and “{base}” do not say the same of a picture; one cannot be made from the other.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, sentence.format(tuned=tuned.name, base=base.name))
    made.unet.load_state_dict(with_difference(made.unet.state_dict(), told.unet.state_dict(), begun.unet.state_dict()))
    made = replace(
        made, rectified_flow=told.rectified_flow, scheduler_config=told.scheduler_config, defaults=told.defaults
    )
    folder.parent.mkdir(parents=True, exist_ok=True)
    save_tuned(made, ["unet"], folder)


@torch.no_grad()
def with_difference(tuned: Weights, few: Weights, base: Weights) -> dict[str, Tensor]:
    """Return tuned + (few − base), tensor by tensor. Raises SketchDeskError(BAD_INPUT) for other names or shapes."""
    check_alike(tuned, few, base)
    return {name: weight + (few[name].to(weight) - base[name].to(weight)) for name, weight in tuned.items()}


def check_alike(*models: Weights) -> None:
    """Raise SketchDeskError(BAD_INPUT) for weights of other names or shapes."""
    shapes = [{name: weight.shape for name, weight in weights.items()} for weights in models]
    if any(each != shapes[0] for each in shapes):
        sentence = _("The models are not of one kind: their U-Nets have other layers.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, sentence)


def _loaded(path: Path) -> StableDiffusion:
    return load_stable_diffusion(path, torch.device("cpu"), torch.float32)
