"""Pictures drawn here equal those of diffusers' own pipeline, sampler by sampler."""

from __future__ import annotations

from pathlib import Path

import diffusers
import numpy as np
import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.models.stable_diffusion import StableDiffusion, load_stable_diffusion
from sketchdesk.engine.sampling.samplers import SAMPLERS
from sketchdesk.library.paths import resource

CPU = torch.device("cpu")
STOCK = {
    "pndm": ("PNDMScheduler", {}),
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_a": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {}),
    "dpmpp_2m_karras": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
    "dpmpp_sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}
"""What each sampler is in diffusers, written down apart from the program's own table."""


@pytest.fixture(scope="module")
def model(tiny_sd: Path) -> StableDiffusion:
    return load_stable_diffusion(tiny_sd, CPU, torch.float32)


@pytest.fixture(scope="module")
def demo_base() -> StableDiffusion:
    return load_stable_diffusion(resource("models/demo-base"), CPU, torch.float32)


def last_latents(model, sampler, seeds, guidance_scale=3.0, steps=5, side=32):
    kept = []
    settings = DrawSettings(steps, guidance_scale, sampler, side, side)
    prompts, negatives = ["a zebra", "a house"][: len(seeds)], ["blurry"] * len(seeds)
    draw_batch(model, prompts, negatives, seeds, settings, lambda done, total, x: kept.append(x.latents.clone()))
    return kept[-1]


def stock_latents(folder, sampler, seeds, guidance_scale=3.0, steps=5, side=32):
    name, settings = STOCK[sampler]
    scheduler = getattr(diffusers, name).from_pretrained(folder, subfolder="scheduler", **settings)
    pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
        folder, dtype=torch.float32, safety_checker=None, scheduler=scheduler
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline(
        prompt=["a zebra", "a house"][: len(seeds)],
        negative_prompt=["blurry"] * len(seeds),
        num_inference_steps=steps,
        guidance_scale=guidance_scale,
        height=side,
        width=side,
        generator=[torch.Generator().manual_seed(seed) for seed in seeds],
        output_type="latent",
    ).images


def test_every_sampler_is_held_against_diffusers():
    assert set(STOCK) == set(SAMPLERS)


@pytest.mark.parametrize("sampler", list(STOCK))
def test_latents_equal_the_stock_pipelines(tiny_sd, model, sampler):
    ours = last_latents(model, sampler, [7, 8])
    stock = stock_latents(tiny_sd, sampler, [7, 8])
    assert (ours - stock).abs().max() <= 1e-4


@pytest.mark.parametrize("sampler", list(STOCK))
def test_latents_of_the_demo_model_equal_the_stock_pipelines(demo_base, sampler):
    ours = last_latents(demo_base, sampler, [7], steps=4, side=64)
    stock = stock_latents(demo_base.folder, sampler, [7], steps=4, side=64)
    assert stock.abs().max() > 0.5
    assert (ours - stock).abs().max() <= 1e-4


def test_without_guidance_the_negative_prompt_does_not_count(tiny_sd, model):
    ours, stock = last_latents(model, "ddim", [3], 1.0), stock_latents(tiny_sd, "ddim", [3], 1.0)
    assert (ours - stock).abs().max() <= 1e-4


def test_a_picture_does_not_depend_on_its_batch_beyond_rounding(model):
    together = last_latents(model, "euler_a", [1, 2])
    alone = last_latents(model, "euler_a", [1])
    assert (together[:1] - alone).abs().max() <= 1e-4


def test_rectified_flow_is_eulers_method_on_the_velocity(model):
    """x ← x + v(x, 1000 (1 − i/N)) / N, written out with the U-Net alone."""
    steps = 3
    ours = last_latents(model, "rectified_flow", [5], guidance_scale=0.0, steps=steps)
    from sketchdesk.engine.sampling.text import encode_text

    x = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(5))
    states = encode_text(model, ["a zebra"])
    with torch.no_grad():
        for i in range(steps):
            x = x + model.unet(x, 1000 * (1 - i / steps), encoder_hidden_states=states).sample / steps
    assert (ours - x).abs().max() <= 1e-5


def test_every_step_is_told(model):
    told = []
    settings = DrawSettings(4, 2.0, "ddim", 32, 32)
    drawing = draw_batch(model, ["a cat"], [""], [0], settings, lambda done, total, x: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert drawing.images[0].size == (32, 32)
    assert np.asarray(drawing.images[0]).std() > 0


def test_a_size_the_model_cannot_draw_is_refused(model):
    with pytest.raises(SketchDeskError) as refused:
        draw_batch(model, ["a cat"], [""], [0], DrawSettings(4, 2.0, None, 33, 32))
    assert refused.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize("sampler", ["pndm", "ddim"])
def test_more_steps_than_the_noise_schedule_has_room_for_are_refused(model, sampler):
    """steps_offset 1 would ask for timestep 1000 of 0 … 999."""
    with pytest.raises(SketchDeskError) as refused:
        draw_batch(model, ["a cat"], [""], [0], DrawSettings(1000, 2.0, sampler, 32, 32))
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_pickled_weights_are_refused(tiny_sd, tmp_path):
    import shutil

    copy = tmp_path / "pickled"
    shutil.copytree(tiny_sd, copy)
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(SketchDeskError) as refused:
        load_stable_diffusion(copy, CPU, torch.float32)
    assert refused.value.kind is ErrorKind.UNSAFE_WEIGHTS


def test_a_rectified_flow_folder_loads_and_draws_its_own_way(tiny_sd, tmp_path):
    import json
    import shutil

    copy = tmp_path / "flow"
    shutil.copytree(tiny_sd, copy)
    index = json.loads((copy / "model_index.json").read_text())
    (copy / "model_index.json").write_text(json.dumps({**index, "_class_name": "RectifiedFlowPipeline"}))
    flow = load_stable_diffusion(copy, CPU, torch.float32)
    assert flow.defaults.num_inference_steps == 1
    assert flow.defaults.guidance_scale == 0.0
    named = last_latents(flow, "rectified_flow", [5], guidance_scale=0.0, steps=1)
    own = last_latents(flow, None, [5], guidance_scale=0.0, steps=1)
    assert torch.equal(named, own)
