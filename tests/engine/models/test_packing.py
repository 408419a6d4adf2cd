"""Packed weights: the same pictures, from a model that is only drawn with."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
import torch
from diffusers.models.activations import GEGLU
from diffusers.models.resnet import ResnetBlock2D
from torch import nn

from sketchdesk.engine import generate
from sketchdesk.engine.device import Placement
from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.ladder import apply
from sketchdesk.engine.models import packing
from sketchdesk.engine.models.fusing import fuse
from sketchdesk.engine.models.packed_layers import PackedConv2d, PackedGeglu, PackedLinear
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion

CPU = torch.device("cpu")
needs_bf16 = pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="oneDNN does not compute in bf16 here"
)


def load(folder: Path, dtype: torch.dtype) -> StableDiffusion:
    return load_stable_diffusion(folder, CPU, dtype)


def latents(model: StableDiffusion, **options) -> torch.Tensor:
    kept = []
    settings = DrawSettings(3, 3.0, "ddim", 48, 32, **options)
    drawing = draw_batch(
        model, ["a zebra", "a house"], ["", ""], [1, 2], settings, lambda _done, _total, step: kept.append(step.latents)
    )
    assert drawing.images[0].size == (48, 32)
    return kept[-1]


@needs_bf16
@pytest.mark.parametrize("savings", [(), ("sequential_guidance", "sliced_attention", "tiled_vae")])
def test_a_packed_model_draws_what_it_drew_before(tiny_sd, savings):
    model = load(tiny_sd, torch.bfloat16)
    apply(model, savings)
    before = latents(model)
    packing.pack(model)
    exact = latents(load(tiny_sd, torch.float32))
    packed_off, plain_off = ((drawn - exact).abs().mean() for drawn in (latents(model), before))
    assert packed_off < 1.5 * plain_off < 0.1  # as far from fp32 as bf16 is


@needs_bf16
def test_the_model_that_draws_is_packed_in_bf16_and_only_there(tiny_sd):
    try:
        packed = generate.load_model(str(tiny_sd), Placement(CPU, torch.bfloat16, 1))
        for network in (packed.unet, packed.vae, packed.text_encoder):
            kinds = {type(layer) for layer in network.modules()}
            assert kinds & {PackedConv2d, PackedLinear}
            assert not kinds & {nn.Conv2d, nn.Linear}
            assert (network.dtype, network.device) == (torch.bfloat16, CPU)
        plain = generate.load_model(str(tiny_sd), Placement(CPU, torch.float32, 1))
        assert not any(isinstance(layer, PackedConv2d | PackedLinear) for layer in plain.unet.modules())
    finally:
        generate.forget_models()


@needs_bf16
def test_the_last_model_is_gone_before_the_next_one_is_loaded(tiny_sd, monkeypatch):
    """Its fused layers hold themselves; without a search they would lie beside the next one's for a while."""
    last = generate.load_model(str(tiny_sd), Placement(CPU, torch.bfloat16, 1))
    kept = [weakref.ref(layer) for network in (last.unet, last.vae) for layer in network.modules()]
    del last
    alive: list[int] = []
    real = generate.load_stable_diffusion

    def load(*given, **more) -> StableDiffusion:
        alive.append(sum(layer() is not None for layer in kept))
        return real(*given, **more)

    monkeypatch.setattr(generate, "load_stable_diffusion", load)
    gc.disable()
    try:
        generate.load_model(str(tiny_sd), Placement(CPU, torch.float32, 1))
    finally:
        gc.enable()
        generate.forget_models()
    assert alive == [0]


@needs_bf16
@pytest.mark.parametrize("linear", [False, True])
def test_single_layers_say_the_same_to_the_last_bit_or_two(linear):
    torch.manual_seed(0)
    layer = nn.Linear(24, 40) if linear else nn.Conv2d(24, 40, 3, stride=2, padding=1, bias=False)
    layer = layer.to(torch.bfloat16).requires_grad_(False)
    given = torch.randn(2, 24, 9, 7, dtype=torch.bfloat16)
    given = given.flatten(2).transpose(1, 2) if linear else given
    said = layer(given)
    holder = nn.Sequential(layer)
    packing.pack_network(holder)
    assert isinstance(holder[0], PackedLinear if linear else PackedConv2d)
    torch.testing.assert_close(holder(given), said, rtol=2**-7, atol=2**-7)


@needs_bf16
def test_a_gated_unit_says_the_same():
    torch.manual_seed(0)
    unit = GEGLU(24, 40).to(torch.bfloat16).requires_grad_(False)
    tokens = torch.randn(2, 9, 24, dtype=torch.bfloat16)
    said = unit(tokens)
    holder = nn.Sequential(unit)
    packing.pack_network(holder)
    assert isinstance(holder[0], PackedGeglu)
    torch.testing.assert_close(holder(tokens), said, rtol=2**-6, atol=2**-6)


@needs_bf16
@pytest.mark.parametrize("width", [32, 64])
@pytest.mark.parametrize("temb_channels", [None, 16])
def test_a_residual_block_says_the_same_and_leaves_what_it_is_given(width, temb_channels):
    torch.manual_seed(0)
    block = ResnetBlock2D(in_channels=32, out_channels=width, temb_channels=temb_channels, groups=8).eval()
    block = block.to(torch.bfloat16).requires_grad_(False)
    image = torch.randn(2, 32, 9, 7).to(torch.bfloat16)
    temb = None if temb_channels is None else torch.randn(2, temb_channels).to(torch.bfloat16)
    given = [None if one is None else one.clone() for one in (image, temb)]
    said = block(image, temb)
    packing.pack_network(block)
    fuse(block)
    torch.testing.assert_close(block(image, temb), said, rtol=2**-5, atol=2**-5)
    assert torch.equal(image, given[0])
    assert temb is None or torch.equal(temb, given[1])
