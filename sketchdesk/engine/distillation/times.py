"""Which noise shares a phase trains at.

Density a (e^{a s} + e^{a (1 − s)}) / (2 (e^a − 1)) on 0..1: often near both ends, where straight paths are hardest to
learn (Lee et al., "Improving the Training of Rectified Flows", 2405.20320). Drawn by its inverse: s = ln(1 + u (e^a −
1)) / a, mirrored one time in two.
"""

from __future__ import annotations

import torch
from torch import Tensor


def draw_times(count: int, shape: float, endpoint_share: float, generator: torch.Generator) -> Tensor:
    """Return noise shares [count] in 0..1, a share of them 1 itself; `shape` 0 draws the others evenly."""
    even, side, at_end = torch.rand((3, count), generator=generator, dtype=torch.float64)
    if shape:
        rate = torch.tensor(shape, dtype=torch.float64)
        even = torch.log1p(even * torch.expm1(rate)) / rate
    mirrored = torch.where(side < 0.5, even, 1 - even)
    return torch.where(at_end < endpoint_share, torch.ones_like(mirrored), mirrored).float()


def draw_own_steps(count: int, shares: Tensor, generator: torch.Generator) -> Tensor:
    """Return [count] of the noise shares a drawing asks about: all of `shares` but the last, which is 0."""
    return shares[torch.randint(len(shares) - 1, (count,), generator=generator)]
