"""A model's numbers are read from headers, and equal those of the networks themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.model_facts import model_facts


def test_the_facts_are_those_of_the_loaded_networks(tiny_sd: Path):
    from diffusers import StableDiffusionPipeline

    facts = model_facts(tiny_sd)
    pipeline = StableDiffusionPipeline.from_pretrained(tiny_sd)
    for network, count in (
        (pipeline.unet, facts.unet_parameters),
        (pipeline.vae, facts.vae_parameters),
        (pipeline.text_encoder, facts.text_parameters),
    ):
        assert sum(parameter.numel() for parameter in network.parameters()) == count
    assert (facts.sample_size_px, facts.cell_px, facts.latent_channels) == (32, 2, 4)
    assert [(level.channels, level.layers, bool(level.heads)) for level in facts.levels] == [
        (32, 3, False), (64, 3, True),
    ]  # fmt: skip
    assert (facts.text_width, facts.text_tokens) == (32, pipeline.text_encoder.config.max_position_embeddings)


def test_a_second_precision_of_the_same_network_is_not_counted_twice(tiny_sd: Path, tmp_path: Path):
    copy = tmp_path / "copy"
    shutil.copytree(tiny_sd, copy)
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    shutil.copyfile(weights, weights.with_name("diffusion_pytorch_model.fp16.safetensors"))
    assert model_facts(copy).unet_parameters == model_facts(tiny_sd).unet_parameters


@pytest.mark.parametrize("broken", ["config.json", "diffusion_pytorch_model.safetensors"])
def test_a_broken_folder_is_told_as_such(tiny_sd: Path, tmp_path: Path, broken: str):
    copy = tmp_path / "copy"
    shutil.copytree(tiny_sd, copy)
    (copy / "unet" / broken).unlink()
    with pytest.raises(SketchDeskError) as caught:
        model_facts(copy)
    assert caught.value.kind is ErrorKind.MODEL_UNREADABLE
