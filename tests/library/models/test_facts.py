"""A model's numbers are read from headers, and equal those of the networks themselves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.facts import model_facts


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


def test_a_single_file_has_the_facts_of_its_networks(tmp_path: Path):
    """Full-size names and shapes of Stable Diffusion 2 would take gigabytes; a tiny file of that layout does."""
    import numpy as np
    from safetensors.numpy import save_file

    unet, vae, text = "model.diffusion_model.", "first_stage_model.", "cond_stage_model.model."
    shapes = {
        f"{unet}input_blocks.0.0.weight": (32, 4, 3, 3), f"{unet}out.2.weight": (4, 32, 3, 3),
        f"{unet}input_blocks.1.0.out_layers.3.weight": (64, 32, 3, 3), f"{unet}input_blocks.2.0.op.weight": (64,),
        f"{unet}input_blocks.1.1.proj_in.weight": (64, 64), f"{unet}middle_block.1.proj_in.weight": (128, 128),
        f"{unet}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (64, 48),
        f"{unet}input_blocks.3.0.out_layers.3.weight": (128, 64, 3, 3),
        f"{vae}encoder.down.0.block.0.conv1.weight": (16, 3, 3, 3), f"{vae}encoder.conv_in.weight": (16, 3, 3, 3),
        f"{vae}encoder.down.1.block.0.conv1.weight": (32, 16, 3, 3), f"{vae}decoder.conv_out.weight": (3, 16, 3, 3),
        f"{vae}post_quant_conv.weight": (4, 4, 1, 1),
        f"{text}token_embedding.weight": (100, 48), f"{text}positional_embedding": (77, 48),
        f"{text}transformer.resblocks.0.mlp.c_fc.weight": (96, 48),
    }  # fmt: skip
    path = tmp_path / "tiny-turbo.safetensors"
    save_file({name: np.zeros(shape, np.float16) for name, shape in shapes.items()}, path)
    facts = model_facts(path)
    assert [(level.channels, level.layers, level.heads) for level in facts.levels] == [(64, 3, 1), (128, 3, 0)]
    assert (facts.sample_size_px, facts.cell_px, facts.text_width, facts.vae_channels) == (512, 2, 48, 16)
    counts = [
        sum(int(np.prod(shape)) for name, shape in shapes.items() if name.startswith(prefix))
        for prefix in (unet, text, vae)
    ]
    assert [facts.unet_parameters, facts.text_parameters, facts.vae_parameters] == counts
    from sketchdesk.library.models.draw_facts import draw_facts

    assert (draw_facts(path).num_inference_steps, draw_facts(path).guidance_scale) == (1, 0.0)
