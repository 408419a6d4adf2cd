"""Whatever names and shapes a file holds, its layout is told or refused in one of our own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.ldm_layout import LdmLayout, read_layout

UNET, VAE, CLIP, OPEN_CLIP = (
    "model.diffusion_model.", "first_stage_model.", "cond_stage_model.transformer.", "cond_stage_model.model.",
)  # fmt: skip
NAMES = [
    UNET + "input_blocks.0.0.weight", UNET + "input_blocks.1.0.out_layers.3.weight", UNET + "out.2.weight",
    UNET + "input_blocks.2.0.op.weight", UNET + "input_blocks.3.0.out_layers.3.weight", UNET + "input_blocks.9.x",
    UNET + "middle_block.1.proj_in.weight", UNET + "x.attn2.to_k.weight", VAE + "encoder.down.0.block.0.conv1.weight",
    VAE + "encoder.down.2.x", VAE + "post_quant_conv.weight", VAE + "encoder.conv_in.weight",
    VAE + "decoder.conv_out.weight", CLIP + "text_model.embeddings.token_embedding.weight",
    CLIP + "encoder.layers.0.mlp.fc1.weight", CLIP + "embeddings.position_embedding.weight",
    OPEN_CLIP + "token_embedding.weight", OPEN_CLIP + "positional_embedding", OPEN_CLIP + "text_projection",
    OPEN_CLIP + "transformer.resblocks.0.mlp.c_fc.weight", "conditioner.embedders.0.x", "lora_unet_x", "",
]  # fmt: skip
KINDS = {ErrorKind.MODEL_INCOMPLETE, ErrorKind.FAMILY_UNKNOWN, ErrorKind.MODEL_UNREADABLE}


SHAPES = st.lists(st.integers(0, 99), max_size=5).map(tuple)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), SHAPES))
def test_any_tensors_have_a_layout_or_a_sentence(shapes):
    try:
        assert isinstance(read_layout(shapes, "file"), LdmLayout)
    except SketchDeskError as error:
        assert error.kind in KINDS


def test_a_text_encoder_of_another_width_is_told():
    shapes = {
        UNET + "input_blocks.0.0.weight": (32, 4), UNET + "input_blocks.1.0.out_layers.3.weight": (32, 32),
        UNET + "middle_block.1.proj_in.weight": (32, 32, 1, 1), UNET + "x.attn2.to_k.weight": (32, 768),
        UNET + "out.2.weight": (4, 32), VAE + "encoder.down.0.block.0.conv1.weight": (16,),
        VAE + "encoder.conv_in.weight": (16, 3), VAE + "decoder.conv_out.weight": (3,),
        VAE + "post_quant_conv.weight": (4,), CLIP + "embeddings.token_embedding.weight": (99, 1024),
        CLIP + "embeddings.position_embedding.weight": (77, 1024), CLIP + "encoder.layers.0.mlp.fc1.weight": (64, 1024),
    }  # fmt: skip
    with pytest.raises(SketchDeskError) as refused:
        read_layout(shapes, "mixed")
    assert refused.value.kind is ErrorKind.MODEL_UNREADABLE
    assert "another model" in refused.value.details
    read_layout(shapes | {UNET + "x.attn2.to_k.weight": (32, 1024)}, "whole")


def test_a_unet_alone_is_told_as_such():
    with pytest.raises(SketchDeskError) as refused:
        read_layout({"conv_in.weight": (320, 4, 3, 3), "down_blocks.0.resnets.0.conv1.weight": (1,)}, "unet")
    assert refused.value.kind is ErrorKind.MODEL_INCOMPLETE
    assert "U-Net alone" in refused.value.message
