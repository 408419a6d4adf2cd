"""Optimisers with state of 8 bits on a processor give bitsandbytes' own numbers."""

from __future__ import annotations

import bitsandbytes
import pytest
import torch
from bitsandbytes.functional import create_dynamic_map
from torch import nn

from sketchdesk.engine.training import eight_bit
from sketchdesk.engine.training.eight_bit import BLOCK, PIECE, AdamW8bit, Lion8bit, _Kept, _Piece

SIZES = (BLOCK * 40, PIECE + 3 * BLOCK, 12)
"""Small, more than a piece, and too small for 8 bits."""


@pytest.mark.parametrize("signed", [True, False])
def test_every_number_gets_the_code_that_bitsandbytes_gives_it(signed):
    """Those of bitsandbytes' grid and their neighbours among them; blocks of zeros stay zeros."""
    code_map = create_dynamic_map(signed)
    grid = torch.arange(2**16) / (2**15 - 0.5) - 1
    around = torch.cat([grid, grid.nextafter(torch.tensor(-1.0)), grid.nextafter(torch.tensor(1.0)), grid + 1.5e-5])
    shares = torch.cat([around[: len(around) // 255 * 255].view(-1, 255).clamp(-1, 1), torch.ones(1028, 1)], 1)
    many = torch.randn(600, BLOCK, generator=torch.Generator().manual_seed(0)) ** 5
    values = torch.cat([shares * torch.rand(1028, 1), many, many * 1e-18, many * 1e18])
    values = values if signed else values.abs()
    codes, scales = torch.ops.bitsandbytes.quantize_blockwise(values.view(-1), code_map.clone(), BLOCK)
    state = {"state1": torch.zeros_like(codes), "absmax1": torch.zeros_like(scales), "qmap1": code_map}
    kept = _Kept(state, 1, _Piece(0, values.numel()))
    kept.keep(values)
    assert torch.equal(state["state1"], codes)
    assert torch.equal(state["absmax1"], scales)
    again = torch.ops.bitsandbytes.dequantize_blockwise(codes, scales, code_map, BLOCK, torch.float32)
    assert torch.equal(kept.values().view(-1), again)
    kept.keep(torch.zeros_like(values))
    assert torch.equal(kept.values(), torch.zeros_like(values))


@pytest.mark.parametrize("decay", [0.0, 0.1])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(AdamW8bit, bitsandbytes.optim.AdamW8bit), (Lion8bit, bitsandbytes.optim.Lion8bit)], ids=["adamw", "lion"],
)  # fmt: skip
def test_weights_and_state_are_bitsandbytes_own_after_some_steps(ours, theirs, decay):
    """But for a code in ten thousand, where a number lies between two to the last bit."""
    generator = torch.Generator().manual_seed(1)
    begin = [torch.randn(size, generator=generator) for size in SIZES]
    both = [[nn.Parameter(each.clone()) for each in begin] for _one in range(2)]
    kinds = zip((ours, theirs), both, strict=True)
    optimizers = [kind(weights, lr=1e-2, weight_decay=decay) for kind, weights in kinds]
    for _step in range(4):
        gradients = [torch.randn(size, generator=generator) ** 3 for size in SIZES]
        for weights, optimizer in zip(both, optimizers, strict=True):
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.grad = gradient.clone()
            optimizer.step()
    for one, other in zip(*both, strict=True):
        assert torch.allclose(one, other, atol=1e-3)  # a tenth of a step
        states = [optimizer.state[weight] for optimizer, weight in zip(optimizers, (one, other), strict=True)]
        for name, value in states[1].items():
            both_states = torch.as_tensor(states[0][name]).double(), torch.as_tensor(value).double()
            unlike = (both_states[0] - both_states[1]).abs()
            assert unlike.max() <= 1, name
            assert unlike.count_nonzero() <= 1e-4 * unlike.numel(), name


def test_a_weight_that_does_not_end_with_a_block_steps_as_if_zeros_followed():
    """bitsandbytes itself was seen to give such a weight two different states at two tries."""
    generator = torch.Generator().manual_seed(2)
    short, padded = nn.Parameter(torch.ones(5000)), nn.Parameter(torch.cat([torch.ones(5000), torch.zeros(120)]))
    one, other = AdamW8bit([short], lr=1e-2), AdamW8bit([padded], lr=1e-2)
    for _step in range(4):
        short.grad = torch.randn(5000, generator=generator)
        padded.grad = torch.cat([short.grad, torch.zeros(120)])
        one.step()
        other.step()
    assert torch.equal(short, padded[:5000])


def test_on_a_processor_whole_blocks_are_not_left_to_bitsandbytes(monkeypatch):
    kept: list[int] = []
    keep = eight_bit._Kept.keep
    monkeypatch.setattr(eight_bit._Kept, "keep", lambda self, values: (kept.append(values.numel()), keep(self, values)))
    weight = nn.Parameter(torch.zeros(PIECE + BLOCK * 16))
    weight.grad = torch.ones_like(weight)
    AdamW8bit([weight]).step()
    assert kept == [PIECE, PIECE, BLOCK * 16, BLOCK * 16]  # both moments of both pieces
