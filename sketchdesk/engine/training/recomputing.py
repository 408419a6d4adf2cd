"""Which blocks of a U-Net compute their activations again in the backward pass: all, or as few as fit a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef

Blocks = dict[str, nn.Module]


def blocks_of(unet: UNet2DConditionModel) -> Blocks:
    """Return the blocks that can recompute, by name, in the order they compute."""
    named = {f"down_blocks.{number}": block for number, block in enumerate(unet.down_blocks)}
    named["mid_block"] = unet.mid_block
    return named | {f"up_blocks.{number}": block for number, block in enumerate(unet.up_blocks)}


def bytes_kept(unet: UNet2DConditionModel, forward: Callable[[int], object]) -> dict[str, int]:
    """Return the bytes each block keeps for its backward pass for one picture, "" for what lies outside all blocks.

    `forward(n)` has the U-Net answer for n pictures. What is kept whatever their number, like weights that autocast
    has cast, is no activation: the answers for one and for two are compared. Nothing is really kept meanwhile.
    """
    blocks = blocks_of(unet)
    with _recomputing(unet, frozenset()):
        one, two = _counted(blocks, lambda: forward(1)), _counted(blocks, lambda: forward(2))
    return {name: max(0, two[name] - one[name]) for name in two}


def fewest_blocks(kept: dict[str, int], budget: float) -> list[str]:
    """Return which blocks to compute again so that the rest of `kept` is within a budget in bytes: the largest first.

    All of them where even that is not enough.
    """
    left, chosen = sum(kept.values()), []
    for name in sorted((name for name in kept if name), key=lambda name: -kept[name]):
        if left <= budget:
            break
        chosen.append(name)
        left -= kept[name]
    return chosen


def recompute_only(unet: UNet2DConditionModel, names: list[str]) -> None:
    """Let these blocks compute their activations again, and no others."""
    unet.enable_gradient_checkpointing()
    _flag(unet, frozenset(names))


def _flag(unet: UNet2DConditionModel, names: frozenset[str]) -> None:
    for name, block in blocks_of(unet).items():
        for module in block.modules():
            if hasattr(module, "gradient_checkpointing"):
                setattr(module, "gradient_checkpointing", name in names)  # noqa: B010 - mypy takes it for a tensor


@contextmanager
def _recomputing(unet: UNet2DConditionModel, names: frozenset[str]) -> Iterator[None]:
    before = frozenset(
        name for name, block in blocks_of(unet).items() if getattr(block, "gradient_checkpointing", False)
    )
    _flag(unet, names)
    try:
        yield
    finally:
        _flag(unet, before)


def _counted(blocks: Blocks, forward: Callable[[], object]) -> dict[str, int]:
    """Return how many bytes autograd keeps within each block during a forward pass; each piece of memory once."""
    found = dict.fromkeys(["", *blocks], 0)
    inside = [""]
    nothing = torch.empty(0)
    seen: set[StorageWeakRef] = set()  # unlike an address, none of them is ever given to another piece

    def pack(tensor: Tensor) -> Tensor:
        piece = StorageWeakRef(tensor.untyped_storage())
        if piece not in seen:
            seen.add(piece)
            found[inside[-1]] += tensor.untyped_storage().nbytes()
        return nothing

    def entering(name: str) -> Callable[..., None]:
        return lambda *_given: inside.append(name)

    def leaving(*_given: Any) -> None:
        inside.pop()

    handles = []
    for name, block in blocks.items():
        handles += [block.register_forward_pre_hook(entering(name)), block.register_forward_hook(leaving)]
    try:
        with torch.autograd.graph.saved_tensors_hooks(pack, lambda kept: kept):
            forward()
    finally:
        for handle in handles:
            handle.remove()
    return found
