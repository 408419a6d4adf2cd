"""Optimisers with state of 8 bits on a processor: bitsandbytes' numbers, sooner.

State is kept in blocks of 256 numbers: a code of 8 bits each and the largest's size (Dettmers et al., 2110.02861).
On CPUs bitsandbytes passes a dozen times over weights that no cache holds, and takes most of a step of a large model.
Here a weight is done in pieces that a cache holds.
"""

from __future__ import annotations

import math
from typing import Any

import bitsandbytes
import torch
from torch import Tensor, nn

BLOCK = 256
"""Numbers that share a scale."""
PIECE = 256 * BLOCK
"""Numbers done at once."""
_GRID = 1 << 16
"""Numbers from -1 to 1 that bitsandbytes tells apart when it looks for a code on a CPU."""
_HALF = (_GRID - 1) / 2
_ROUNDING = torch.tensor(0.5)


class AdamW8bit(bitsandbytes.optim.AdamW8bit):
    """bitsandbytes' AdamW; on CPUs computed here."""

    @torch.no_grad()
    def update_step(self, group: dict[str, Any], p: nn.Parameter, gindex: int, pindex: int) -> None:
        """Step one weight."""
        if not _is_ours(self.state[p], p):
            super().update_step(group, p, gindex, pindex)
            return
        state, config = self.state[p], self.get_config(gindex, pindex, group)
        state["step"] += 1
        (beta1, beta2), rate = config["betas"][:2], config["lr"]
        correction1 = 1.0 - beta1 ** state["step"]
        correction2 = math.sqrt(1.0 - beta2 ** state["step"])
        for piece in _pieces(p):
            mean, square = _Kept(state, 1, piece), _Kept(state, 2, piece)
            gradient, weights = piece.of(p.grad), piece.of(p)
            means = mean.values().mul_(beta1).add_(gradient, alpha=1.0 - beta1)
            squares = square.values().mul_(beta2).addcmul_(gradient, gradient, value=1.0 - beta2)
            roots = (squares.sqrt() / correction2).add_(config["eps"])
            if config["weight_decay"] > 0:
                weights.mul_(1.0 - rate * config["weight_decay"])
            weights.addcdiv_(means, roots, value=-rate / correction1)
            mean.keep(means)
            square.keep(squares)


class Lion8bit(bitsandbytes.optim.Lion8bit):
    """bitsandbytes' Lion; on CPUs computed here."""

    @torch.no_grad()
    def update_step(self, group: dict[str, Any], p: nn.Parameter, gindex: int, pindex: int) -> None:
        """Step one weight."""
        if not _is_ours(self.state[p], p):
            super().update_step(group, p, gindex, pindex)
            return
        state, config = self.state[p], self.get_config(gindex, pindex, group)
        state["step"] += 1
        (beta1, beta2), rate = config["betas"][:2], config["lr"]
        for piece in _pieces(p):
            mean = _Kept(state, 1, piece)
            gradient, weights, means = piece.of(p.grad), piece.of(p), mean.values()
            if config["weight_decay"] > 0:
                weights.mul_(1.0 - rate * config["weight_decay"])
            weights.add_((means.mul(beta1) + gradient.mul(1.0 - beta1)).sign_(), alpha=-rate)
            mean.keep(means.mul_(beta2).add_(gradient, alpha=1.0 - beta2))


def _is_ours(state: dict[str, Any], p: nn.Parameter) -> bool:
    """Tell whether a weight is on a CPU, in fp32, and large enough that its state has 8 bits."""
    kinds = (p.device.type, p.dtype, state["state1"].dtype)
    return kinds == ("cpu", torch.float32, torch.uint8) and p.is_contiguous()


class _Piece:
    """Numbers `start` to `end` of a weight: whole blocks, or the last one, which is shorter."""

    def __init__(self, start: int, end: int) -> None:
        self._numbers, self._blocks = slice(start, end), slice(start // BLOCK, -(-end // BLOCK))
        self._width = min(BLOCK, end - start)

    def of(self, tensor: Tensor | None) -> Tensor:
        """Return the piece of a weight, its gradient or its codes, [blocks, 256]."""
        assert tensor is not None
        return tensor.detach().reshape(-1)[self._numbers].view(-1, self._width)

    def scales(self, tensor: Tensor) -> Tensor:
        """Return the piece's scales, [blocks, 1]."""
        return tensor[self._blocks, None]


def _pieces(p: Tensor) -> list[_Piece]:
    whole = p.numel() // BLOCK * BLOCK
    pieces = [_Piece(start, min(start + PIECE, whole)) for start in range(0, whole, PIECE)]
    return pieces if whole == p.numel() else [*pieces, _Piece(whole, p.numel())]


class _Kept:
    """One of the moments of a piece, as codes and scales."""

    def __init__(self, state: dict[str, Any], number: int, piece: _Piece) -> None:
        self._codes = piece.of(state[f"state{number}"])
        self._scales = piece.scales(state[f"absmax{number}"])
        self._map: Tensor = state[f"qmap{number}"]

    def values(self) -> Tensor:
        """Return the numbers in fp32, [blocks, 256]."""
        found = self._map.index_select(0, self._codes.reshape(-1).int()).view_as(self._codes)
        return found.mul_(self._scales)

    def keep(self, values: Tensor) -> None:
        """Take these numbers in."""
        torch.amax(values.abs(), 1, keepdim=True, out=self._scales)
        shares = values / (self._scales + (self._scales == 0))
        places = torch.add(_ROUNDING, shares.add_(1.0), alpha=_HALF).int()  # in bitsandbytes' order
        self._codes.copy_(_codes_on_grid(self._map).index_select(0, places.view(-1)).view_as(self._codes))


_known: dict[bytes, Tensor] = {}
"""By code map: there are two, one with a sign and one without."""


def _codes_on_grid(code_map: Tensor) -> Tensor:
    """Return the code of every number that bitsandbytes tells apart, [65536] from -1 to 1, as it says itself."""
    key = code_map.numpy().tobytes()
    if key not in _known:
        each = BLOCK - 1  # beside a 1, which makes them shares of it
        grid = torch.arange(-(-_GRID // each) * each).clamp(max=_GRID - 1) / _HALF - 1
        shares = torch.cat([grid.view(-1, each), torch.ones(len(grid) // each, 1)], 1)
        codes, _scales = torch.ops.bitsandbytes.quantize_blockwise(shares, code_map.clone(), BLOCK)
        _known[key] = codes[:, :each].reshape(-1)[:_GRID].contiguous()
    return _known[key]
