"""Networks that wait in the machine's memory and come to a graphics card only while they work."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from accelerate import cpu_offload
from accelerate.hooks import ModelHook, add_hook_to_module, remove_hook_from_module
from accelerate.utils import send_to_device
from torch import nn

from sketchdesk.contracts.jobs import MemorySaving
from sketchdesk.engine.models.parts import StableDiffusion

OFFLOADS: tuple[MemorySaving, ...] = ("model_offload", "sequential_offload")
"""Of no use where the device's memory is the machine's own. The last one that is taken counts."""

MEMORY = torch.device("cpu")


class Turns(ModelHook):
    """Lets one of some networks be on the device at a time: the one that is called comes, the others leave."""

    def __init__(self, networks: Sequence[nn.Module], device: torch.device) -> None:
        super().__init__()
        self.networks, self.device = tuple(networks), device
        self.present: nn.Module | None = None
        """The network that is on the device."""
        self.moves = 0
        """How often one came."""

    def pre_forward(self, module: nn.Module, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        """Bring the network that is called, and what it is called with."""
        if self.present is not module:
            self.present = None  # should there be no room, nobody is there as a whole
            for other in self.networks:
                if other is not module:
                    other.to(MEMORY)
            module.to(self.device)
            self.present = module
            self.moves += 1
        return send_to_device(args, self.device), send_to_device(kwargs, self.device)


def offload(model: StableDiffusion, savings: Sequence[MemorySaving]) -> None:
    """Let a model's networks work in one of the ways of OFFLOADS, or, without one, lie on its device all the time.

    model_offload: text encoder, U-Net and VAE take turns on the device. sequential_offload: each layer is brought for
    the moment it computes. The model goes on to compute on `model.device`; its numbers stay the same. Where there is no
    room on the device torch's error is passed on, and the next call puts everything in its place.
    """
    way = next((one for one in reversed(OFFLOADS) if one in savings), "")
    device = model.device
    networks = (model.text_encoder, model.unet, model.vae)
    # One that was loaded to wait, and whose job ended before it drew, lies where it was loaded; one for which there was
    # no room has got as far as there was.
    if way == model.offloaded and (way or all(_lies_on(network, device) for network in networks)):
        return
    model.runs_on, model.offloaded = device, ""
    for network in networks:
        remove_hook_from_module(network, recurse=True)
    for network in networks:
        network.to(MEMORY if way else device)
    if way == "model_offload":
        turns = Turns(networks, device)
        for network in networks:
            add_hook_to_module(network, turns)
    elif way == "sequential_offload":
        for network in networks:
            cpu_offload(network, device)
    model.offloaded = way


def _lies_on(network: nn.Module, device: torch.device) -> bool:
    """Tell whether all of a network is there; a device without a number, as Apple's, is the only one of its kind."""
    name = str(device)
    places = {tensor.device for tensor in network.parameters()}
    return all(str(place) == name or place.type == name for place in places)
