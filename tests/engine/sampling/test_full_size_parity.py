"""At full size on the CPU: in fp32 every sampler's latents equal those of stock diffusers, InstaFlow's the formula.

In bf16 the packed and fused networks that draw are no further from fp32 than the library's own.

Random weights in the published architecture, written once; SKETCHDESK_FULLSIZE names a folder that keeps them. With
`-m long -s` every largest difference is printed.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch
from PIL import Image

from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.models import packing
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.sampling.samplers import SAMPLERS
from sketchdesk.engine.sampling.source import Source
from sketchdesk.engine.sampling.text import encode_text

pytestmark = pytest.mark.long

TOLERANCE = 1e-4
PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE = "a zebra in the snow", "blurry", 7, 4, 7.5
SIDE, SMALL = 128, 64


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Gives the folder of a full-size model, which is written where it is not there yet."""
    place = Path(__file__).parents[2] / "benchmarks" / "fullsize.py"
    spec = importlib.util.spec_from_file_location("fullsize", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = os.environ.get("SKETCHDESK_FULLSIZE")
    parent = Path(kept) if kept else tmp_path_factory.mktemp("full-size")
    return lambda kind: module.full_size(kind, parent)


@pytest.fixture(scope="module")
def model(folders) -> StableDiffusion:
    return load_stable_diffusion(folders("sd2-base"), torch.device("cpu"), torch.float32)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (SMALL, SMALL, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def mask() -> Image.Image:
    grey = np.zeros((SMALL, SMALL), dtype=np.uint8)
    grey[8:40, 16:56] = 255
    return Image.fromarray(grey)


def ours(model, sampler, side, source=None, steps=STEPS, guidance=GUIDANCE) -> torch.Tensor:
    kept = []
    settings = DrawSettings(steps, guidance, sampler, side, side)
    draw_batch(model, [PROMPT], [NEGATIVE], [SEED], settings, lambda _d, _t, step: kept.append(step.latents), source)
    return kept[-1]


def stock(model, kind, sampler, side, **options) -> torch.Tensor:
    name, settings = SAMPLERS[sampler]
    pipeline = kind(
        vae=model.vae, text_encoder=model.text_encoder, tokenizer=model.tokenizer, unet=model.unet,
        scheduler=getattr(diffusers, name).from_config(model.scheduler_config, **settings),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    size = {} if kind is diffusers.StableDiffusionImg2ImgPipeline else {"height": side, "width": side}
    return pipeline(
        PROMPT, negative_prompt=NEGATIVE, num_inference_steps=STEPS, guidance_scale=GUIDANCE, output_type="latent",
        generator=torch.Generator().manual_seed(SEED), **size, **options,
    ).images  # fmt: skip


def check(what: str, mine: torch.Tensor, theirs: torch.Tensor) -> None:
    off = (mine - theirs).abs().max().item()
    sys.stdout.write(f"\n{what}: max abs difference {off:.2e} of {theirs.abs().max().item():.2f}\n")
    assert theirs.abs().max() > 0.1
    assert off <= TOLERANCE


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_from_noise(model, sampler):
    check(f"{sampler}, {SIDE} px", ours(model, sampler, SIDE), stock(
        model, diffusers.StableDiffusionPipeline, sampler, SIDE
    ))  # fmt: skip


def test_from_noise_at_256_px(model):
    check("euler, 256 px", ours(model, "euler", 256), stock(model, diffusers.StableDiffusionPipeline, "euler", 256))


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_from_a_picture(model, picture, sampler):
    mine = ours(model, sampler, SMALL, Source(picture, 0.75))
    theirs = stock(model, diffusers.StableDiffusionImg2ImgPipeline, sampler, SMALL, image=picture, strength=0.75)
    check(f"{sampler}, from a picture, {SMALL} px", mine, theirs)


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_inpainting(model, picture, mask, sampler):
    mine = ours(model, sampler, SMALL, Source(picture, 1.0, mask))
    theirs = stock(
        model, diffusers.StableDiffusionInpaintPipeline, sampler, SMALL, image=picture, mask_image=mask, strength=1.0
    )
    check(f"{sampler}, inpainting, {SMALL} px", mine, theirs)


@pytest.mark.parametrize(("steps", "guidance"), [(1, 0.0), (3, 0.0), (3, 1.5)])
def test_instaflow_equals_the_formula(folders, steps, guidance):
    """x ← x + v(x, 1000 (1 − i / N)) / N, with v = v_neg + g (v_text − v_neg) where it is guided."""
    flow = load_stable_diffusion(folders("instaflow"), torch.device("cpu"), torch.float32)
    text, negative = encode_text(flow, [PROMPT]), encode_text(flow, [NEGATIVE])
    cells = SIDE // 8
    x = torch.randn((1, 4, cells, cells), generator=torch.Generator().manual_seed(SEED))
    with torch.no_grad():
        for step in range(steps):
            t = 1000 * (1 - step / steps)
            v = flow.unet(x, t, encoder_hidden_states=text).sample
            if guidance > 1:
                without = flow.unet(x, t, encoder_hidden_states=negative).sample
                v = without + guidance * (v - without)
            x = x + v / steps
    check(f"InstaFlow, {steps} steps, guidance {guidance}", ours(flow, None, SIDE, steps=steps, guidance=guidance), x)


@pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="this CPU would only imitate bf16")
@pytest.mark.parametrize("kind", ["sd2-base", "instaflow"])
def test_what_draws_in_bf16_is_as_near_to_fp32_as_the_librarys_layers_are(folders, kind):
    """Each network on the same input: the text of a prompt, one pass of the U-Net, a decoded picture."""
    said: dict[str, list[torch.Tensor]] = {}
    generator = torch.Generator().manual_seed(SEED)
    cells = SIDE // 8
    latents = torch.randn((2, 4, cells, cells), generator=generator)
    for name in ("fp32", "bf16", "packed"):
        dtype = torch.float32 if name == "fp32" else torch.bfloat16
        model = load_stable_diffusion(folders(kind), torch.device("cpu"), dtype)
        if name == "packed":
            packing.pack(model)
        with torch.no_grad():
            text = encode_text(model, [PROMPT, NEGATIVE])
            states = said["fp32"][0].to(dtype) if said else text
            said[name] = [
                text, model.unet(latents.to(dtype), 500, encoder_hidden_states=states).sample,
                model.vae.decode(latents[:1].to(dtype)).sample,
            ]  # fmt: skip
    for part, exact, plain, packed in zip(("text", "U-Net", "VAE"), *said.values(), strict=True):
        scale = exact.std().item()
        plain_off, packed_off = ((each.float() - exact).abs().mean().item() / scale for each in (plain, packed))
        sys.stdout.write(f"\n{kind}, {part}: off fp32 by {plain_off:.2e} of its spread, packed {packed_off:.2e}\n")
        assert 0 < packed_off < 1.2 * plain_off < 0.2
