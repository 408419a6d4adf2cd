"""A checkpoint as a model that draws: the trained networks as they would be saved at that step, the others linked.

Adapters are a LoRA file beside the state instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.models.saving import add_other_parts
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.training.checkpoint import TensorFiles
from sketchdesk.engine.training.lora_files import save_lora
from sketchdesk.engine.training.trained import NetworkState, Trained
from sketchdesk.library.training.checkpoints import LORA

WEIGHTS = {"unet": "unet/diffusion_pytorch_model.safetensors", "text_encoder": "text_encoder/model.safetensors"}
SPARE = ".base"
"""Beside the checkpoints: the parts of a base that is a single file."""


class Kept(Protocol):
    """What has a state that checkpoints keep: a training, or a distillation."""

    job: TrainJob
    model: StableDiffusion
    trained: Trained
    step: int
    """Optimiser steps done."""

    def state_dict(self) -> dict[str, Any]:
        """Return everything a resume needs; "networks" are as `trained` gives them, "ema" their averages or {}."""


def as_model(
    trainer: Kept, state: dict[str, Any], folder: Path, name: str
) -> tuple[TensorFiles, Callable[[Path], None]]:
    """Return what makes a checkpoint of a trainer's state drawable, for save_checkpoint: tensor files, and the rest.

    The tensors are those of the state, its averages where there are any. `folder` is where the checkpoints lie, `name`
    the run's.
    """
    trained, model = trainer.trained, trainer.model
    weights = dict(zip(trained.names, shown_weights(trained, state), strict=True))
    if trained.adapts:
        facts = trained.lora_facts
        return {}, lambda place: _drop(save_lora(place / LORA, name, weights, trainer.job, model, state["step"], facts))
    files = {WEIGHTS[part]: tensors for part, tensors in weights.items()}
    return files, partial(_add, trainer, folder / SPARE)


def shown_weights(trained: Trained, state: dict[str, Any]) -> list[NetworkState]:
    """Return each trained network's weights, or adapters, as it draws with them: the averages where there are any."""
    averages = iter(range(len(trained.parameters)))
    shown = []
    for network, saved in zip(trained.networks, state["networks"], strict=True):
        weights = dict(saved)
        if state["ema"]:
            for name, parameter in network.named_parameters():
                if parameter.requires_grad:
                    weights[name] = state["ema"][str(next(averages))]
        shown.append(weights)
    return shown


def _add(trainer: Kept, spare: Path, place: Path) -> None:
    add_other_parts(trainer.model, trainer.trained.names, place, spare)


def _drop(_path: Path) -> None:
    """Take a result nobody needs."""
