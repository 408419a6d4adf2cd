"""Guidance rescale, clip skip, v-prediction and prompt weighting: latents equal to those of diffusers' own pipeline."""

from __future__ import annotations

import dataclasses

import diffusers
import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.draw import DrawSettings, draw_batch
from sketchdesk.engine.sampling.guidance import Guidance, guided
from sketchdesk.engine.sampling.samplers import SAMPLERS
from sketchdesk.engine.sampling.sliced import QUERIES, SlicedAttention, slice_attention
from sketchdesk.engine.sampling.text import encode_text, is_cut, token_ids
from sketchdesk.engine.sampling.weighting import weighed

TOLERANCE = 1e-4
PROMPTS, SEEDS = ["a zebra", "a house"], [7, 8]


def latents(model, prompts=PROMPTS, sampler="ddim", guidance_scale=3.0, **options):
    kept = []
    settings = DrawSettings(5, guidance_scale, sampler, 32, 32, **options)
    negatives = ["blurry"] * len(prompts)
    draw_batch(model, prompts, negatives, SEEDS[: len(prompts)], settings, lambda _d, _t, x: kept.append(x.latents))
    return kept[-1]


def stock_latents(model, sampler="ddim", guidance_scale=3.0, **options):
    name, settings = SAMPLERS[sampler]
    pipeline = diffusers.StableDiffusionPipeline(
        vae=model.vae, text_encoder=model.text_encoder, tokenizer=model.tokenizer, unet=model.unet,
        scheduler=getattr(diffusers, name).from_config({**model.scheduler_config, "clip_sample": False}, **settings),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.set_progress_bar_config(disable=True)
    prompts = {"prompt": PROMPTS, "negative_prompt": ["blurry"] * 2} if "prompt_embeds" not in options else {}
    generators = [torch.Generator().manual_seed(seed) for seed in SEEDS]
    return pipeline(
        **prompts, num_inference_steps=5, guidance_scale=guidance_scale, height=32, width=32, generator=generators,
        output_type="latent", **options,
    ).images  # fmt: skip


def off_by(ours, stock):
    assert stock.abs().max() > 0.1
    return (ours - stock).abs().max()


@pytest.mark.parametrize("sampler", ["ddim", "euler_a"])
def test_guidance_rescale_equals_the_stock_pipelines(model, sampler):
    ours = latents(model, sampler=sampler, guidance_scale=7.5, guidance_rescale=0.7)
    assert off_by(ours, stock_latents(model, sampler, 7.5, guidance_rescale=0.7)) <= TOLERANCE
    assert off_by(ours, stock_latents(model, sampler, 7.5)) > 1e-3


@pytest.mark.parametrize("sampler", list(SAMPLERS))
def test_v_prediction_equals_the_stock_pipelines(model, sampler):
    v_model = dataclasses.replace(model, scheduler_config={**model.scheduler_config, "prediction_type": "v_prediction"})
    assert off_by(latents(v_model, sampler=sampler), stock_latents(v_model, sampler)) <= TOLERANCE


def test_clip_skip_equals_the_stock_pipelines(model, monkeypatch):
    # diffusers 0.42 looks for a part of the text encoder that transformers 5 no longer has.
    monkeypatch.setattr(type(model.text_encoder), "text_model", property(lambda self: self), raising=False)
    ours = latents(model, clip_skip=1)
    assert off_by(ours, stock_latents(model, clip_skip=1)) <= TOLERANCE
    assert not torch.equal(encode_text(model, PROMPTS, clip_skip=1), encode_text(model, PROMPTS))


def test_more_layers_than_the_text_encoder_has_are_refused(model):
    with pytest.raises(SketchDeskError) as refused:
        encode_text(model, PROMPTS, clip_skip=2)
    assert refused.value.kind is ErrorKind.BAD_INPUT


@pytest.fixture
def uncentred(model):
    """A real text encoder's last layer norm has a bias; a fresh one centres every token on nought."""
    bias = model.text_encoder.final_layer_norm.bias
    bias.fill_(0.3)
    yield model
    bias.zero_()


def test_weighted_words_equal_the_stock_pipeline_given_a1111s_states(uncentred):
    """z × w for every token, then the mean of z restored: written out here, token by token."""
    model = uncentred
    ours = latents(model, ["a (zebra:1.4)", "a [house]"], prompt_weighting=True)
    states = encode_text(model, PROMPTS)
    for row, (word, weight) in enumerate([(" zebra", 1.4), (" house", 1 / 1.1)]):
        mean = states[row].mean()
        for position in range(2, 2 + len(word.strip())):  # start, "a", then a token a letter
            states[row, position] *= weight
        states[row] *= mean / states[row].mean()
    stock = stock_latents(
        model, prompt_embeds=states, negative_prompt_embeds=encode_text(model, ["blurry"] * 2)
    )
    assert off_by(ours, stock) <= TOLERANCE
    assert off_by(ours, stock_latents(model)) > 1e-3


def test_without_marks_weighting_changes_nothing_and_escaped_marks_are_the_marks(model):
    plain = encode_text(model, ["a zebra, (at noon)"])
    assert torch.equal(encode_text(model, [r"a zebra, \(at noon\)"], weighted=True), plain)
    assert torch.equal(encode_text(model, PROMPTS, weighted=True), encode_text(model, PROMPTS))


def test_states_centred_on_nought_are_weighted_without_being_blown_up():
    states = torch.randn(1, 6, 8, generator=torch.Generator().manual_seed(0))
    states -= states.mean(dim=2, keepdim=True)
    weights = torch.tensor([[1.0, 1.0, 1.5, 1.0, 1.0, 1.0]])
    assert torch.allclose(weighed(states, weights), states * weights[..., None])


def test_a_long_weighted_prompt_is_cut_where_a_plain_one_is(model):
    long = "zebra " * 60
    assert is_cut(model, f"({long}:1.2)", weighted=True)
    assert is_cut(model, long)
    fits = "z" * 70
    assert not is_cut(model, f"({fits}:1.2)", weighted=True)
    assert torch.equal(encode_text(model, [long], weighted=True), encode_text(model, [long]))
    assert token_ids(model, [long]).shape == (1, 77)


def test_one_pass_after_the_other_gives_what_both_together_give(model):
    together = latents(model, sampler="dpmpp_2m", guidance_rescale=0.5)
    alone = latents(model, sampler="dpmpp_2m", guidance_rescale=0.5, sequential_guidance=True)
    assert off_by(alone, together) <= TOLERANCE
    sizes = []

    def predict(model_input, states):
        sizes.append(len(model_input))
        return model_input

    half = torch.zeros(2, 4, 4, 4)
    guided(predict, half, half, half, Guidance(3.0, sequential=True))
    assert sizes == [2, 2]


def test_sliced_attention_gives_what_whole_attention_gives(model):
    whole = latents(model, ["a zebra"])
    unet = model.unet
    slice_attention(unet, True)
    try:
        assert all(isinstance(processor, SlicedAttention) for processor in unet.attn_processors.values())
        assert off_by(latents(model, ["a zebra"]), whole) <= TOLERANCE
        x, states = torch.randn(1, 4, 96, 96), torch.randn(1, 5, 32)
        assert 2 * QUERIES < (96 // 2) ** 2  # more than one slice, the last a short one
        with torch.no_grad():
            sliced = unet(x, 10, encoder_hidden_states=states).sample
            slice_attention(unet, False)
            assert off_by(sliced, unet(x, 10, encoder_hidden_states=states).sample) <= TOLERANCE
    finally:
        slice_attention(unet, False)
