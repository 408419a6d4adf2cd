"""Networks that are not trained take no room while others are.

From a graphics card they go to main memory, and come back only when they are called. Where there is only main memory
their weights are let go, and read anew from the model's files when they are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import torch
from accelerate.hooks import ModelHook, add_hook_to_module
from torch import nn

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine import allocator
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.folder import load_part
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.offload import MEMORY, Turns
from sketchdesk.library.models.notes import file_state
from sketchdesk.library.training.forecast import LARGE_BYTES


class Rests(Protocol):
    """Networks that can be sent to wait."""

    def rest(self) -> None:
        """Send those that are there to wait."""


class Waiting:
    """Networks that take turns on the device, one there at a time; without any, nothing is ever moved."""

    def __init__(self, networks: Sequence[nn.Module] = (), device: torch.device = MEMORY) -> None:
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


class Asleep(ModelHook):
    """Networks of a model's folder that hold weights only from when they are called until they rest."""

    def __init__(self, folder: Path, networks: Mapping[str, nn.Module]) -> None:
        """`networks` by the names of their folders; they stay awake until they rest."""
        super().__init__()
        self._folders = {network: folder / name for name, network in networks.items()}
        self._states = {network: file_state(path) for network, path in self._folders.items()}
        self._sleeping: set[nn.Module] = set()
        for network in self._folders:
            add_hook_to_module(network, self)

    def rest(self) -> None:
        """Let all weights go."""
        for network in self._folders:
            for parameter in network.parameters():
                parameter.data = torch.empty(0, dtype=parameter.dtype)
        self._sleeping = set(self._folders)

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Read the weights of the network that is called.

        Raises SketchDeskError(BAD_INPUT) where its files are others than they were, and as load_part does.
        """
        if module in self._sleeping:
            self._check(self._folders[module], self._states[module])
            dtype = next(module.parameters()).dtype
            fresh = dict(load_part(type(module), self._folders[module], dtype).named_parameters())
            for name, parameter in module.named_parameters():
                parameter.data = fresh[name].data
            self._sleeping.remove(module)
        return args, kwargs

    def _check(self, folder: Path, state: tuple[int, int]) -> None:
        """Compare size and time of the files with what they were: half a model would be of other weights."""
        try:
            now: tuple[int, int] | None = file_state(folder)
        except OSError:
            now = None
        if now != state:
            text = _("The files in “{folder}” have changed since the training began, so they cannot be read again.")
            raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(folder=folder))


def without_holes(model: StableDiffusion, placement: Placement) -> AbstractContextManager[None]:
    """Return what a training goes on in: a large network's gradients take memory that others gave back.

    They do not fit into the holes its weights' copies leave. What a small network needs is found sooner where it was.
    """
    size = sum(parameter.numel() for parameter in model.unet.parameters()) * torch.float32.itemsize
    if placement.device != MEMORY or size < LARGE_BYTES:
        return nullcontext()
    return allocator.given_back(allocator.TRAINED_PIECE_BYTES, allocator.KEPT_BYTES)


def load_to_train(job: TrainJob, path: Path, placement: Placement) -> tuple[StableDiffusion, Rests]:
    """Return the model in main memory, in fp32, computing on the placement's device; and its parts that wait there.

    What is trained goes to the device later (Trained). All in fp32: what is trained needs it, and many a VAE overflows
    in fp16; autocast does the rest. Raises SketchDeskError as load_stable_diffusion does.
    """
    with allocator.given_back():
        model = load_stable_diffusion(path, MEMORY, torch.float32)
    model.runs_on = placement.device
    names = ("vae",) if job.train_text_encoder else ("vae", "text_encoder")
    if placement.device == MEMORY:
        # A reward decodes at every step; and what is not in a folder is saved from memory in the end.
        if job.reward_weight or not path.is_dir():
            return model, Waiting()
        return model, Asleep(path, {name: getattr(model, name) for name in names})
    return model, Waiting([getattr(model, name) for name in names], placement.device)
