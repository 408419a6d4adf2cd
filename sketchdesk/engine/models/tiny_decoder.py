"""Loading a tiny decoder."""

from __future__ import annotations

from pathlib import Path

from diffusers import AutoencoderTiny

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.folder import load_part
from sketchdesk.engine.models.parts import StableDiffusion
from sketchdesk.library.models.tiny_decoder import HUB_ID, find_tiny_decoder, made_for_xl


def require_tiny_decoder(path: Path) -> Path:
    """Return the folder of the tiny decoder for a model folder or file. Raises SketchDeskError(BAD_INPUT) without."""
    found = find_tiny_decoder(path)
    if found is None:
        message = _("There is no tiny decoder for this model; {name} from the hub goes with Stable Diffusion 1 and 2.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message.format(name=HUB_ID))
    return found


def add_tiny_decoder(model: StableDiffusion, folder: Path) -> None:
    """Give a loaded model a tiny decoder, on its device and in its precision.

    Raises SketchDeskError: MODEL_UNREADABLE for a broken one, BAD_INPUT for one of other latents or another size.
    """
    try:
        decoder = load_part(AutoencoderTiny, folder, model.vae.dtype)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(folder), f"{type(error).__name__}: {error}") from error
    cell = decoder.config.upsampling_scaling_factor ** (len(decoder.config.num_decoder_blocks) - 1)
    latents = (int(model.vae.config.latent_channels), model.vae_scale_factor)
    if (int(decoder.config.latent_channels), cell) != latents or made_for_xl(folder):
        message = _("The tiny decoder “{name}” was made for other models.").format(name=folder.name)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    model.tiny_decoder = decoder.to(model.device)
