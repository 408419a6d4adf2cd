"""At full size, on the meta device: parameter counts are the published ones, and every old name finds its new one."""

from __future__ import annotations

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

from sketchdesk.engine.models.ldm import build_text_encoder, build_unet, build_vae
from sketchdesk.library.models.families import TEXT, TEXT_2, UNET, UNET_2, VAE
from sketchdesk.library.models.ldm_layout import LdmLayout, read_layout

LEVELS = (1, 2, 4, 4)


def count(network) -> int:
    return sum(each.numel() for each in network.parameters())


@pytest.mark.parametrize(("unet", "parameters"), [(UNET, 859520964), (UNET_2, 865910724)])
def test_unets_have_the_published_number_of_parameters(unet, parameters):
    with torch.device("meta"):
        assert count(UNet2DConditionModel.from_config(unet)) == parameters


@pytest.mark.parametrize(("text", "parameters"), [(TEXT, 123060480), (TEXT_2, 340387840)])
def test_text_encoders_have_the_published_number_of_parameters(text, parameters):
    with torch.device("meta"):
        assert count(CLIPTextModel(CLIPTextConfig(**text))) == parameters


def test_the_autoencoder_has_the_published_number_of_parameters():
    with torch.device("meta"):
        assert count(AutoencoderKL.from_config(VAE)) == 83653863


def unet_shapes(linear: bool, context: int) -> dict[str, tuple[int, ...]]:
    """The tensors of the first code's UNetModel(320, mult 1 2 4 4, 2 blocks, attention at 1 2 4)."""
    shapes: dict[str, tuple[int, ...]] = {}

    def convolution(name, into, out, side=3):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (out, into, side, side), (out,)

    def dense(name, into, out, bias=True):
        shapes[f"{name}.weight"] = (out, into)
        if bias:
            shapes[f"{name}.bias"] = (out,)

    def norm(name, width):
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (width,)

    def resnet(name, into, out):
        norm(f"{name}.in_layers.0", into)
        convolution(f"{name}.in_layers.2", into, out)
        dense(f"{name}.emb_layers.1", 1280, out)
        norm(f"{name}.out_layers.0", out)
        convolution(f"{name}.out_layers.3", out, out)
        if into != out:
            convolution(f"{name}.skip_connection", into, out, 1)

    def attention(name, width):
        norm(f"{name}.norm", width)
        for end in ("proj_in", "proj_out"):
            dense(f"{name}.{end}", width, width) if linear else convolution(f"{name}.{end}", width, width, 1)
        block = f"{name}.transformer_blocks.0"
        for kind, source in (("attn1", width), ("attn2", context)):
            dense(f"{block}.{kind}.to_q", width, width, False)
            dense(f"{block}.{kind}.to_k", source, width, False)
            dense(f"{block}.{kind}.to_v", source, width, False)
            dense(f"{block}.{kind}.to_out.0", width, width)
        dense(f"{block}.ff.net.0.proj", width, 8 * width)
        dense(f"{block}.ff.net.2", 4 * width, width)
        for number in (1, 2, 3):
            norm(f"{block}.norm{number}", width)

    dense("time_embed.0", 320, 1280)
    dense("time_embed.2", 1280, 1280)
    convolution("input_blocks.0.0", 4, 320)
    seen, width, number = [320], 320, 0
    for level, times in enumerate(LEVELS):
        for _layer in range(2):
            number += 1
            resnet(f"input_blocks.{number}.0", width, 320 * times)
            width = 320 * times
            if level < 3:
                attention(f"input_blocks.{number}.1", width)
            seen.append(width)
        if level < 3:
            number += 1
            convolution(f"input_blocks.{number}.0.op", width, width)
            seen.append(width)
    resnet("middle_block.0", width, width)
    attention("middle_block.1", width)
    resnet("middle_block.2", width, width)
    number = 0
    for level, times in reversed(list(enumerate(LEVELS))):
        for layer in range(3):
            resnet(f"output_blocks.{number}.0", width + seen.pop(), 320 * times)
            width = 320 * times
            if level < 3:
                attention(f"output_blocks.{number}.1", width)
            if level and layer == 2:
                convolution(f"output_blocks.{number}.{2 if level < 3 else 1}.conv", width, width)
            number += 1
    norm("out.0", 320)
    convolution("out.2", 320, 4)
    return shapes


def vae_shapes() -> dict[str, tuple[int, ...]]:
    """The tensors of AutoencoderKL(ch 128, mult 1 2 4 4, 2 blocks, 4 channels)."""
    from_level = {0: 128, 1: 256, 2: 512, 3: 512}
    shapes: dict[str, tuple[int, ...]] = {}

    def convolution(name, into, out, side=3):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (out, into, side, side), (out,)

    def norm(name, width):
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (width,)

    def resnet(name, into, out):
        norm(f"{name}.norm1", into)
        convolution(f"{name}.conv1", into, out)
        norm(f"{name}.norm2", out)
        convolution(f"{name}.conv2", out, out)
        if into != out:
            convolution(f"{name}.nin_shortcut", into, out, 1)

    def middle(side):
        for number in (1, 2):
            resnet(f"{side}.mid.block_{number}", 512, 512)
        norm(f"{side}.mid.attn_1.norm", 512)
        for part in ("q", "k", "v", "proj_out"):
            convolution(f"{side}.mid.attn_1.{part}", 512, 512, 1)

    convolution("encoder.conv_in", 3, 128)
    width = 128
    for level in range(4):
        for block in range(2):
            resnet(f"encoder.down.{level}.block.{block}", width, from_level[level])
            width = from_level[level]
        if level < 3:
            convolution(f"encoder.down.{level}.downsample.conv", width, width)
    middle("encoder")
    norm("encoder.norm_out", 512)
    convolution("encoder.conv_out", 512, 8)
    convolution("quant_conv", 8, 8, 1)
    convolution("post_quant_conv", 4, 4, 1)
    convolution("decoder.conv_in", 4, 512)
    middle("decoder")
    for level in (3, 2, 1, 0):
        for block in range(3):
            resnet(f"decoder.up.{level}.block.{block}", width, from_level[level])
            width = from_level[level]
        if level:
            convolution(f"decoder.up.{level}.upsample.conv", width, width)
    norm("decoder.norm_out", 128)
    convolution("decoder.conv_out", 128, 3)
    return shapes


def clip_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.token_embedding.weight": (49408, 768), "embeddings.position_embedding.weight": (77, 768),
        "embeddings.position_ids": (1, 77), "final_layer_norm.weight": (768,), "final_layer_norm.bias": (768,),
    }  # fmt: skip
    for layer in range(12):
        name = f"encoder.layers.{layer}."
        for part in ("k_proj", "v_proj", "q_proj", "out_proj"):
            shapes |= {f"{name}self_attn.{part}.weight": (768, 768), f"{name}self_attn.{part}.bias": (768,)}
        for part in ("layer_norm1", "layer_norm2"):
            shapes |= {f"{name}{part}.weight": (768,), f"{name}{part}.bias": (768,)}
        shapes |= {f"{name}mlp.fc1.weight": (3072, 768), f"{name}mlp.fc1.bias": (3072,)}
        shapes |= {f"{name}mlp.fc2.weight": (768, 3072), f"{name}mlp.fc2.bias": (768,)}
    return {"cond_stage_model.transformer.text_model." + name: shape for name, shape in shapes.items()}


def open_clip_shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {
        "token_embedding.weight": (49408, 1024), "positional_embedding": (77, 1024), "logit_scale": (),
        "ln_final.weight": (1024,), "ln_final.bias": (1024,), "text_projection": (1024, 1024),
    }  # fmt: skip
    for layer in range(24):
        name = f"transformer.resblocks.{layer}."
        shapes |= {f"{name}attn.in_proj_weight": (3072, 1024), f"{name}attn.in_proj_bias": (3072,)}
        shapes |= {f"{name}attn.out_proj.weight": (1024, 1024), f"{name}attn.out_proj.bias": (1024,)}
        for part in ("ln_1", "ln_2"):
            shapes |= {f"{name}{part}.weight": (1024,), f"{name}{part}.bias": (1024,)}
        shapes |= {f"{name}mlp.c_fc.weight": (4096, 1024), f"{name}mlp.c_fc.bias": (4096,)}
        shapes |= {f"{name}mlp.c_proj.weight": (1024, 4096), f"{name}mlp.c_proj.bias": (1024,)}
    return {"cond_stage_model.model." + name: shape for name, shape in shapes.items()}


@pytest.mark.parametrize("generation", [1, 2])
def test_an_original_file_has_the_published_configuration_and_no_tensor_too_few(generation):
    second = generation == 2
    unet = unet_shapes(second, 1024 if second else 768)
    shapes = {f"model.diffusion_model.{name}": shape for name, shape in unet.items()}
    shapes |= {f"first_stage_model.{name}": shape for name, shape in vae_shapes().items()}
    shapes |= open_clip_shapes() if second else clip_shapes()
    layout = read_layout(shapes, "original")
    unet, text = (UNET_2, TEXT_2) if second else (UNET, TEXT)
    assert layout == LdmLayout(open_clip=second, unet=unet, vae=VAE, text_encoder=text)
    tensors = {name: torch.empty(shape, device="meta") for name, shape in shapes.items()}
    for build, parameters in (
        (build_unet, 865910724 if second else 859520964),
        (build_vae, 83653863),
        (build_text_encoder, 340387840 if second else 123060480),
    ):
        assert count(build(layout, tensors, torch.float32)) == parameters
