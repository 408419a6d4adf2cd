"""The Inception network behind FID, KID and the Inception Score: TensorFlow's graph of 2015-12-05, in torch.

It is Inception v3 (Szegedy et al. 2016) with that graph's habits: average pooling counts no padding, the last block
pools by maximum, and there are 1,008 classes. Layers bear the names the published PyTorch weights give them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FEATURES, CLASSES, SIDE_PX = 2048, 1008, 299


@dataclass(frozen=True)
class Conv:
    """A convolution layer: its name, channels out, kernel, stride, and whether the size stays."""

    name: str
    channels: int
    kernel: tuple[int, int] = (1, 1)
    stride: int = 1
    same: bool = True


@dataclass(frozen=True)
class Fork:
    """Layers that all read the same; what they make is put together."""

    layers: tuple[Conv, ...]


Step = Conv | Fork | Callable[[Tensor], Tensor]
Chain = tuple[Step, ...]


def average(x: Tensor) -> Tensor:
    """Average over 3 × 3, only what is there: padding does not count."""
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def highest(x: Tensor) -> Tensor:
    """Return the highest of 3 × 3."""
    return F.max_pool2d(x, 3, stride=1, padding=1)


def halved(x: Tensor) -> Tensor:
    """Return the highest of 3 × 3 at every second place."""
    return F.max_pool2d(x, 3, stride=2)


class ConvLayer(nn.Module):
    """Convolution without bias, batch normalisation with ε = 0.001, ReLU."""

    def __init__(self, channels: int, told: Conv) -> None:
        super().__init__()
        padding = (told.kernel[0] // 2, told.kernel[1] // 2) if told.same else (0, 0)
        self.conv = nn.Conv2d(channels, told.channels, told.kernel, told.stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(told.channels, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] → [B, C', H', W']."""
        return F.relu(self.bn(self.conv(x)))


class Block(nn.Module):
    """Chains of layers that all read the block's input; what they make is put together."""

    def __init__(self, channels: int, *chains: Chain) -> None:
        super().__init__()
        self._chains = chains
        self.channels = 0
        for chain in chains:
            width = channels
            for step in chain:
                layers = step.layers if isinstance(step, Fork) else (step,) if isinstance(step, Conv) else ()
                for layer in layers:
                    self.add_module(layer.name, ConvLayer(width, layer))
                width = sum(layer.channels for layer in layers) or width
            self.channels += width

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] → [B, C', H', W']."""
        return torch.cat([self._through(chain, x) for chain in self._chains], dim=1)

    def _through(self, chain: Chain, x: Tensor) -> Tensor:
        for step in chain:
            if isinstance(step, Conv):
                x = self.get_submodule(step.name)(x)
            elif isinstance(step, Fork):
                x = torch.cat([self.get_submodule(layer.name)(x) for layer in step.layers], dim=1)
            else:
                x = step(x)
        return x


STEM: tuple[Step, ...] = (
    Conv("Conv2d_1a_3x3", 32, (3, 3), 2, same=False),
    Conv("Conv2d_2a_3x3", 32, (3, 3), same=False),
    Conv("Conv2d_2b_3x3", 64, (3, 3)),
    halved,
    Conv("Conv2d_3b_1x1", 80),
    Conv("Conv2d_4a_3x3", 192, (3, 3), same=False),
    halved,
)


def _mixed_5(pooled: int) -> tuple[Chain, ...]:
    return (
        (Conv("branch1x1", 64),),
        (Conv("branch5x5_1", 48), Conv("branch5x5_2", 64, (5, 5))),
        (Conv("branch3x3dbl_1", 64), Conv("branch3x3dbl_2", 96, (3, 3)), Conv("branch3x3dbl_3", 96, (3, 3))),
        (average, Conv("branch_pool", pooled)),
    )


_MIXED_6A: tuple[Chain, ...] = (
    (Conv("branch3x3", 384, (3, 3), 2, same=False),),
    (
        Conv("branch3x3dbl_1", 64),
        Conv("branch3x3dbl_2", 96, (3, 3)),
        Conv("branch3x3dbl_3", 96, (3, 3), 2, same=False),
    ),
    (halved,),
)


def _mixed_6(width: int) -> tuple[Chain, ...]:
    return (
        (Conv("branch1x1", 192),),
        (
            Conv("branch7x7_1", width),
            Conv("branch7x7_2", width, (1, 7)),
            Conv("branch7x7_3", 192, (7, 1)),
        ),
        (
            Conv("branch7x7dbl_1", width),
            Conv("branch7x7dbl_2", width, (7, 1)),
            Conv("branch7x7dbl_3", width, (1, 7)),
            Conv("branch7x7dbl_4", width, (7, 1)),
            Conv("branch7x7dbl_5", 192, (1, 7)),
        ),
        (average, Conv("branch_pool", 192)),
    )


_MIXED_7A: tuple[Chain, ...] = (
    (Conv("branch3x3_1", 192), Conv("branch3x3_2", 320, (3, 3), 2, same=False)),
    (
        Conv("branch7x7x3_1", 192),
        Conv("branch7x7x3_2", 192, (1, 7)),
        Conv("branch7x7x3_3", 192, (7, 1)),
        Conv("branch7x7x3_4", 192, (3, 3), 2, same=False),
    ),
    (halved,),
)


def _mixed_7(pool: Callable[[Tensor], Tensor]) -> tuple[Chain, ...]:
    def both(name: str) -> Fork:
        return Fork((Conv(f"{name}a", 384, (1, 3)), Conv(f"{name}b", 384, (3, 1))))

    return (
        (Conv("branch1x1", 320),),
        (Conv("branch3x3_1", 384), both("branch3x3_2")),
        (Conv("branch3x3dbl_1", 448), Conv("branch3x3dbl_2", 384, (3, 3)), both("branch3x3dbl_3")),
        (pool, Conv("branch_pool", 192)),
    )


BLOCKS: dict[str, tuple[Chain, ...]] = {
    "Mixed_5b": _mixed_5(32),
    "Mixed_5c": _mixed_5(64),
    "Mixed_5d": _mixed_5(64),
    "Mixed_6a": _MIXED_6A,
    "Mixed_6b": _mixed_6(128),
    "Mixed_6c": _mixed_6(160),
    "Mixed_6d": _mixed_6(160),
    "Mixed_6e": _mixed_6(192),
    "Mixed_7a": _MIXED_7A,
    "Mixed_7b": _mixed_7(average),
    "Mixed_7c": _mixed_7(highest),
}


class Inception(nn.Module):
    """The whole network; 23.9 million parameters."""

    def __init__(self) -> None:
        super().__init__()
        channels = 3
        for step in STEM:
            if isinstance(step, Conv):
                self.add_module(step.name, ConvLayer(channels, step))
                channels = step.channels
        for name, chains in BLOCKS.items():
            block = Block(channels, *chains)
            self.add_module(name, block)
            channels = block.channels
        self.fc = nn.Linear(FEATURES, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        """Return pool3's features, [B, 2048], of pictures [B, 3, H, W] in −1..1, 75 pixels or more."""
        for step in STEM:
            x = self.get_submodule(step.name)(x) if isinstance(step, Conv) else step(x)  # type: ignore[operator]
        for name in BLOCKS:
            x = self.get_submodule(name)(x)
        return x.mean(dim=(2, 3))

    def logits(self, features: Tensor) -> Tensor:
        """Return [B, 1008] logits without the bias, as the first Inception Score was computed."""
        return F.linear(features, self.fc.weight)
