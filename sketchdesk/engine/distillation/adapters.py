"""Several LoRAs on one frozen network, of which one at a time counts: one copy of the weights serves them all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from peft import LoraConfig, inject_adapter_in_model
from peft.tuners.tuners_utils import BaseTunerLayer
from torch import nn

from sketchdesk.engine.training.adapter_targets import TARGETS

Named = list[tuple[str, nn.Parameter]]


def add_adapter(unet: nn.Module, name: str, rank: int, seed: int) -> Named:
    """Put a LoRA on a U-Net's attention, beginning as nothing, in fp32; return its parameters. None counts after."""
    config = LoraConfig(r=rank, lora_alpha=rank, target_modules=list(TARGETS["unet"]["attention"]), bias="none")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        inject_adapter_in_model(config, unet, adapter_name=name)
    named = [pair for pair in unet.named_parameters() if f".{name}." in pair[0]]
    for _name, parameter in named:
        parameter.data = parameter.data.float()
    count_none(unet)
    return named


def count(unet: nn.Module, name: str) -> None:
    """Let one LoRA count and learn, and no other."""
    for layer in _layers(unet):
        layer.enable_adapters(True)
        layer.set_adapter(name)


def count_none(unet: nn.Module) -> None:
    """Let the weights alone count, and nothing learn."""
    for layer in _layers(unet):
        layer.enable_adapters(False)


@contextmanager
def counting(unet: nn.Module, name: str | None, afterwards: str | None) -> Iterator[None]:
    """Run a block in which that LoRA counts, or none; then `afterwards` does, or none."""
    _set(unet, name)
    try:
        yield
    finally:
        _set(unet, afterwards)


def _set(unet: nn.Module, name: str | None) -> None:
    if name is None:
        count_none(unet)
    else:
        count(unet, name)


def _layers(unet: nn.Module) -> list[BaseTunerLayer]:
    return [layer for layer in unet.modules() if isinstance(layer, BaseTunerLayer)]
