"""Networks that are not trained wait in main memory, and come to a graphics card only when they are called.

What is on the card is what the forecast counts: the U-Net with what its training needs, and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from accelerate.hooks import add_hook_to_module
from torch import nn

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.offload import MEMORY, Turns


class Waiting:
    """Networks that take turns on the device, one there at a time; without any, nothing is ever moved."""

    def __init__(self, networks: Sequence[nn.Module], device: torch.device) -> None:
        self._networks = tuple(networks)
        self._turns = Turns(networks, device)
        for network in networks:
            network.to(MEMORY)
            add_hook_to_module(network, self._turns)

    def rest(self) -> None:
        """Send the one that is on the device back to wait."""
        for network in self._networks:
            network.to(MEMORY)
        self._turns.present = None


def load_to_train(job: TrainJob, path: Path, placement: Placement) -> tuple[StableDiffusion, Waiting]:
    """Return the model in main memory, in fp32, computing on the placement's device; and its parts that wait there.

    What is trained goes to the device later (Trained). All in fp32: what is trained needs it, and many a VAE overflows
    in fp16; autocast does the rest. Raises SketchDeskError as load_stable_diffusion does.
    """
    model = load_stable_diffusion(path, MEMORY, torch.float32)
    model.runs_on = placement.device
    if placement.device == MEMORY:
        return model, Waiting((), MEMORY)
    waiting = (model.vae,) if job.train_text_encoder else (model.vae, model.text_encoder)
    return model, Waiting(waiting, placement.device)
