"""Features used again: nothing is lost where nothing is skipped, and what is skipped is only the inner layers."""

from __future__ import annotations

import pytest
import torch
from diffusers import UNet2DConditionModel

from sketchdesk.engine.sampling.denoise import denoise, generators_for
from sketchdesk.engine.sampling.feature_cache import FeatureCache, outermost, whole
from sketchdesk.engine.sampling.guidance import Guidance
from sketchdesk.engine.sampling.samplers import make_scheduler
from sketchdesk.engine.sampling.shortcuts import Shortcuts
from sketchdesk.engine.sampling.steps import choose_steps


def unet_with(last_block: str) -> UNet2DConditionModel:
    torch.manual_seed(0)
    return UNet2DConditionModel(
        sample_size=16, block_out_channels=(32, 64), layers_per_block=2, cross_attention_dim=32, attention_head_dim=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", last_block),
    ).eval()  # fmt: skip


@pytest.fixture(scope="module", params=["CrossAttnUpBlock2D", "UpBlock2D"])
def unet(request) -> UNet2DConditionModel:
    return unet_with(request.param)


@pytest.fixture
def given() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.tensor(500), torch.randn(2, 4, 16, 16), torch.randn(2, 7, 32)


def latents(unet, shortcuts=None, guidance=None, calls=None, steps=7):
    scheduler = make_scheduler("ddim", {"_class_name": "DDIMScheduler"})
    timesteps = choose_steps(scheduler, steps, torch.device("cpu"))
    torch.manual_seed(2)
    start, states, negative = torch.randn(2, 4, 16, 16), torch.randn(2, 7, 32), torch.randn(2, 7, 32)
    seen = [] if calls is None else calls
    count = unet.mid_block.register_forward_pre_hook(lambda _block, given: seen.append(len(given[0])))
    path = denoise(
        unet, scheduler, timesteps, start, states, negative if guidance else None, guidance or Guidance(),
        generators_for([0, 1]), shortcuts=shortcuts,
    )  # fmt: skip
    try:
        return list(path)[-1].latents
    finally:
        count.remove()


@torch.no_grad()
def test_with_the_features_of_this_very_step_the_outermost_layers_say_what_the_whole_network_says(unet, given):
    said, inner = whole(unet, *given)
    assert torch.equal(said, unet(given[1], given[0], encoder_hidden_states=given[2]).sample)
    assert torch.allclose(outermost(unet, *given, inner), said, atol=1e-6)
    other = (given[0] - 50, *given[1:])
    assert not torch.allclose(outermost(unet, *other, inner), whole(unet, *other)[0], atol=1e-6)


@torch.no_grad()
def test_a_cache_that_is_renewed_at_every_step_changes_nothing(unet, given):
    cache = FeatureCache(unet, 1)
    for timestep in (900, 500, 100):
        cache.begin_step()
        exact = unet(given[1], timestep, encoder_hidden_states=given[2]).sample
        assert torch.equal(cache.predict(torch.tensor(timestep), *given[1:]), exact)


def test_the_inner_layers_run_at_every_third_step_only():
    unet, calls = unet_with("UpBlock2D"), []
    fast = latents(unet, Shortcuts(full_every=3), calls=calls)
    assert calls == [2, 2, 2]  # of seven steps the first, the fourth and the last; two pictures at once
    exact = latents(unet)
    assert not torch.equal(fast, exact)
    assert (fast - exact).abs().mean() < 0.5 * exact.abs().mean()


def test_what_was_kept_of_one_picture_is_not_used_for_the_next():
    unet = unet_with("UpBlock2D")
    assert torch.equal(latents(unet, Shortcuts(full_every=3)), latents(unet, Shortcuts(full_every=3)))


def test_prompt_and_opposite_keep_their_own_features_one_after_the_other():
    unet = unet_with("CrossAttnUpBlock2D")
    together, alone = (
        latents(unet, Shortcuts(full_every=3), Guidance(5.0, sequential=sequential)) for sequential in (False, True)
    )
    assert torch.allclose(together, alone, atol=1e-4)


@pytest.mark.parametrize("sequential", [False, True])
def test_where_guidance_ends_within_a_round_the_network_is_asked_anew(sequential):
    unet, calls = unet_with("UpBlock2D"), []
    latents(unet, Shortcuts(guided_share=0.6, full_every=3), Guidance(5.0, sequential=sequential), calls)
    # Guided: steps 1 to 5, whole at 1 and 4. Step 6 stands alone and is whole, and so is 7, where a round begins.
    assert calls == ([2, 2, 2, 2, 2, 2] if sequential else [4, 4, 2, 2])


def test_guidance_that_is_cut_late_is_guided_before_and_unguided_after():
    unet, calls = unet_with("UpBlock2D"), []
    cut = latents(unet, Shortcuts(guided_share=0.5), Guidance(5.0), calls)
    assert calls == [4, 4, 4, 4, 2, 2, 2]
    assert not torch.equal(cut, latents(unet, None, Guidance(5.0)))
    assert torch.equal(latents(unet, Shortcuts(guided_share=1.0), Guidance(5.0)), latents(unet, None, Guidance(5.0)))
