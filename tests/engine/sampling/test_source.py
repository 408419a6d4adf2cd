"""Drawing from a picture and inpainting: latents equal to those of diffusers' own pipelines."""

from __future__ import annotations

import dataclasses

import diffusers
import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.sampling.samplers import SAMPLERS
from sketchdesk.engine.sampling.source import Source

TOLERANCE = 1e-4
PROMPTS, SEEDS = ["a zebra", "a house"], [7, 8]
ALL = list(SAMPLERS)


@pytest.fixture(scope="module")
def picture() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def mask() -> Image.Image:
    grey = np.zeros((32, 32), dtype=np.uint8)
    grey[4:21, 8:26] = 255
    return Image.fromarray(grey)


@pytest.fixture(scope="module")
def nine(model):
    """The model as an inpainting one: a U-Net of nine channels with random weights."""
    torch.manual_seed(3)
    config = {**model.unet.config, "in_channels": 9}
    return dataclasses.replace(model, unet=UNet2DConditionModel.from_config(config).eval().requires_grad_(False))


def latents(model, source, sampler, seeds=SEEDS, steps=6):
    kept = []
    settings = DrawSettings(steps, 3.0, sampler, 32, 32)
    prompts = PROMPTS[: len(seeds)]
    draw_batch(
        model, prompts, ["blurry"] * len(seeds), seeds, settings, lambda _d, _t, x: kept.append(x.latents), source
    )
    return kept


def stock_latents(pipeline_class, model, sampler, picture, **options):
    name, settings = SAMPLERS[sampler]
    pipeline = pipeline_class(
        vae=model.vae, text_encoder=model.text_encoder, tokenizer=model.tokenizer, unet=model.unet,
        scheduler=getattr(diffusers, name).from_config({**model.scheduler_config, "clip_sample": False}, **settings),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        prompt=PROMPTS, negative_prompt=["blurry"] * 2, image=[picture] * 2, num_inference_steps=6, guidance_scale=3.0,
        generator=[torch.Generator().manual_seed(seed) for seed in SEEDS], output_type="latent", **options,
    ).images  # fmt: skip


def off_by(ours, stock):
    assert stock.abs().max() > 0.1
    return (ours - stock).abs().max()


@pytest.mark.parametrize("sampler", ALL)
def test_from_a_picture_equals_the_stock_pipeline(model, picture, sampler):
    ours = latents(model, Source(picture, 0.6), sampler)
    stock = stock_latents(diffusers.StableDiffusionImg2ImgPipeline, model, sampler, picture, strength=0.6)
    assert off_by(ours[-1], stock) <= TOLERANCE


@pytest.mark.parametrize("strength", [1.0, 0.6])
@pytest.mark.parametrize("sampler", ALL)
def test_inpainting_with_four_channels_equals_the_stock_pipeline(model, picture, mask, sampler, strength):
    ours = latents(model, Source(picture, strength, mask), sampler)
    stock = stock_latents(
        diffusers.StableDiffusionInpaintPipeline, model, sampler, picture, mask_image=mask, strength=strength,
        height=32, width=32,
    )  # fmt: skip
    assert off_by(ours[-1], stock) <= TOLERANCE


@pytest.mark.parametrize("strength", [1.0, 0.6])
@pytest.mark.parametrize("sampler", ALL)
def test_inpainting_with_nine_channels_equals_the_stock_pipeline(nine, picture, mask, sampler, strength):
    ours = latents(nine, Source(picture, strength, mask), sampler)
    stock = stock_latents(
        diffusers.StableDiffusionInpaintPipeline, nine, sampler, picture, mask_image=mask, strength=strength,
        height=32, width=32,
    )  # fmt: skip
    assert off_by(ours[-1], stock) <= TOLERANCE


def test_what_is_masked_out_stays(model, picture, mask):
    kept = latents(model, Source(picture, 1.0, mask), "euler", seeds=[7])[-1]
    whole = Source(picture, 1.0).latents(model, (32, 32), [torch.Generator().manual_seed(7)])
    cells = torch.from_numpy(np.asarray(mask)[::2, ::2] > 127)
    assert torch.allclose(kept[..., ~cells], whole[..., ~cells])
    assert (kept[..., cells] - whole[..., cells]).abs().min() > 0


@pytest.mark.parametrize("channels", [4, 9])
def test_what_is_masked_out_is_the_picture_itself_but_for_a_thin_edge(model, nine, picture, mask, channels):
    source = Source(picture, 1.0, mask, keeps_rest=True)
    settings = DrawSettings(2, 3.0, "euler", 32, 32)
    chosen = nine if channels == 9 else model
    (drawn,) = draw_batch(chosen, PROMPTS[:1], [""], [7], settings, source=source).images
    far = np.ones((32, 32), dtype=bool)
    far[3:22, 7:27] = False  # the mask, and half a latent cell around it
    assert np.array_equal(np.asarray(drawn)[far], np.asarray(picture)[far])
    assert (np.asarray(drawn) != np.asarray(picture)).any(axis=2)[np.asarray(mask) > 0].mean() > 0.9


def test_a_picture_alone_in_its_batch_is_the_same_but_for_rounding(model, picture, mask):
    source = Source(picture, 0.7, mask)
    together, alone = latents(model, source, "euler_a")[-1], latents(model, source, "euler_a", seeds=SEEDS[:1])[-1]
    assert off_by(together[:1], alone) <= TOLERANCE


def test_the_share_of_steps_is_drawn_and_a_share_of_none_is_refused(model, picture):
    assert len(latents(model, Source(picture, 0.5), "ddim", seeds=[1])) == 3
    with pytest.raises(SketchDeskError) as refused:
        latents(model, Source(picture, 0.1), "ddim", seeds=[1])
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_a_rectified_flow_goes_on_from_where_the_picture_stands_on_its_straight_path(model, picture):
    """x_s = (1 − s) noise + s picture, then x ← x + v / N from there: written out with the U-Net alone."""
    from sketchdesk.engine.sampling.text import encode_text

    flow = dataclasses.replace(model, rectified_flow=True)
    kept = []
    settings = DrawSettings(4, 0.0, None, 32, 32)
    draw_batch(flow, ["a zebra"], [""], [7], settings, lambda _d, _t, x: kept.append(x.latents), Source(picture, 0.5))
    generator = torch.Generator().manual_seed(7)
    whole = Source(picture, 0.5).latents(model, (32, 32), [generator])
    x = 0.5 * torch.randn(whole.shape, generator=generator) + 0.5 * whole
    states = encode_text(model, ["a zebra"])
    with torch.no_grad():
        for timestep in (500.0, 250.0):
            x = x + model.unet(x, timestep, encoder_hidden_states=states).sample / 4
    assert off_by(kept[-1], x) <= 1e-5


def test_a_perflow_goes_on_from_where_the_picture_stands_on_its_path(model, picture):
    """At t = 500, a window's beginning, and two steps in each window from there: written out with the U-Net alone."""
    from sketchdesk.engine.sampling.text import encode_text

    config = {**model.scheduler_config, "_class_name": "PeRFlowScheduler", "prediction_type": "ddim_eps"}
    kept = []
    settings = DrawSettings(8, 0.0, None, 32, 32)
    draw_batch(
        dataclasses.replace(model, scheduler_config=config), ["a zebra"], [""], [7], settings,
        lambda _d, _t, x: kept.append(x.latents), Source(picture, 0.5),
    )  # fmt: skip
    bars = torch.cumprod(1 - torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2, 0)
    generator = torch.Generator().manual_seed(7)
    whole = Source(picture, 0.5).latents(model, (32, 32), [generator])
    x = float(bars[499].sqrt()) * whole + float((1 - bars[499]).sqrt()) * torch.randn(whole.shape, generator=generator)
    states = encode_text(model, ["a zebra"])
    with torch.no_grad():
        for begin, end in ((500, 250), (250, 0)):
            a, b = float(bars[begin - 1]), float(bars[max(end - 1, 0)])
            ratio = (b / a) ** 0.5
            for t in (begin, begin - 125):
                said = model.unet(x, t, encoder_hidden_states=states).sample
                q = ratio * (t - begin) + end - t
                eta = (1 - b) ** 0.5 - ratio * (1 - a) ** 0.5
                x_b = (ratio * (end - begin) * x + eta * (end - t) * said) / q
                x = x + 125 / (t - end) * (x_b - x)
    assert len(kept) == 4
    assert off_by(kept[-1], x) <= 1e-4


def test_an_inpainting_model_without_a_mask_says_what_it_needs(nine, picture):
    for source in (None, Source(picture, 0.5)):
        with pytest.raises(SketchDeskError) as refused:
            latents(nine, source, "ddim")
        assert refused.value.kind is ErrorKind.BAD_INPUT
