"""What previews are seen through: a tiny decoder that goes with the model, else colours found from its latents."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial

from PIL import Image
from torch import Tensor

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.engine.draw import decode
from sketchdesk.engine.latent_colours import coloured, latent_colours
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.models.tiny_decoder import add_tiny_decoder
from sketchdesk.library.models.tiny_decoder import find_tiny_decoder

log = logging.getLogger(__name__)

Decode = Callable[[Tensor], list[Image.Image]]
"""From scaled latents [B, C, h, w] to a picture each."""


def preview_decoder(model: StableDiffusion) -> Decode | None:
    """Return what shows a model's latents in a small part of a step's time, None where nothing does. Never raises.

    The VAE itself is not asked: on a processor it takes as long as several steps, and a model whose parts wait
    elsewhere would have to send its U-Net away.
    """
    try:
        if model.tiny_decoder is None and (found := find_tiny_decoder(model.folder)):
            add_tiny_decoder(model, found)
    except SketchDeskError as error:
        log.warning("previews do without the tiny decoder: %s", error)  # it is an extra, and the drawing is not
    if model.tiny_decoder is not None:
        return partial(decode, model.tiny_decoder)
    try:
        return partial(coloured, latent_colours(model), cell_px=model.vae_scale_factor)
    except (OSError, RuntimeError, MemoryError, SketchDeskError) as error:
        log.warning("no previews of this job: %s", error)
        return None
