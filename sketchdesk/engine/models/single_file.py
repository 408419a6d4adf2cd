"""Single files in the layout of the first Stable Diffusion code, converted in memory: nothing is fetched or written."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from diffusers.models.attention_processor import Attention
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.ldm import build_text_encoder, build_unet, build_vae
from sketchdesk.engine.models.parts import Defaults, StableDiffusion
from sketchdesk.engine.models.pickles import pickled_tensors
from sketchdesk.engine.models.prediction import predicted_by
from sketchdesk.engine.models.tokenizer import clip_tokenizer
from sketchdesk.library.models.families import Family, scheduler_config
from sketchdesk.library.models.ldm_layout import read_layout
from sketchdesk.library.models.notes import remember_prediction
from sketchdesk.library.models.single_file import shapes_of, single_file_family, told_prediction
from sketchdesk.library.models.weights import METADATA_KEY, SAFE_SUFFIX, safetensors_header

log = logging.getLogger(__name__)


def load_single_file(path: Path, dtype: torch.dtype, allow_pickle: bool = False) -> StableDiffusion:
    """Load a single file on the CPU.

    Its family and sizes come from its tensors' names and shapes; what its U-Net predicts from what is said of it, and
    where nothing is, from the U-Net's answer to noise (see prediction), which is remembered.

    Raises SketchDeskError: UNSAFE_WEIGHTS or CODE_IN_WEIGHTS for a pickle, MODEL_INCOMPLETE without autoencoder or
    text encoder, FAMILY_UNKNOWN for another kind of model, MODEL_UNREADABLE for a broken one.
    """
    header: dict[str, Any]
    if path.suffix.lower() == SAFE_SUFFIX:
        header = safetensors_header(path)
        shapes = shapes_of(header)
        layout = read_layout(shapes, path.name)
        tensors = _tensors(path)
    else:
        if not allow_pickle:
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(path))
        header, tensors = {METADATA_KEY: {}}, pickled_tensors(path)
        layout = read_layout({name: tuple(value.shape) for name, value in tensors.items()}, path.name)
    try:
        unet = build_unet(layout, tensors, dtype)
        vae = build_vae(layout, tensors, dtype)
        text_encoder = build_text_encoder(layout, tensors, dtype)
    except (ValueError, LookupError, RuntimeError, AttributeError, TypeError, ArithmeticError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), f"{type(error).__name__}: {error}") from error
    tokenizer = clip_tokenizer(layout.open_clip)
    predicts = told_prediction(path, header)
    if predicts is None:
        nothing = tokenizer("", padding="max_length", max_length=tokenizer.model_max_length, return_tensors="pt")
        predicts = predicted_by(unet, text_encoder(nothing.input_ids)[0])
        log.info("%s predicts %s, by its answer to noise", path, predicts)
        with suppress(SketchDeskError, OSError):
            remember_prediction(path, predicts, "probe")
    family = single_file_family(path, layout.open_clip, predicts)
    _settle(unet, family, 2 ** (len(vae.config.block_out_channels) - 1))
    return StableDiffusion(
        tokenizer=tokenizer,
        text_encoder=text_encoder,
        unet=unet,
        vae=vae,
        scheduler_config=scheduler_config(family, "v_prediction" if predicts == "v_prediction" else "epsilon"),
        folder=path,
        defaults=Defaults(guidance_scale=family.guidance_scale, num_inference_steps=family.num_inference_steps),
        rectified_flow=family.rectified_flow,
        family=family.name,
    )


def _settle(unet: UNet2DConditionModel, family: Family, cell_px: int) -> None:
    """Set what the family decides and the weights do not, so that it is drawn with, and saved."""
    unet.register_to_config(sample_size=family.side_px // cell_px, upcast_attention=family.upcast_attention)
    for module in unet.modules():
        if isinstance(module, Attention):
            module.upcast_attention = family.upcast_attention


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error
