"""demo-base's tiny decoder: an AutoencoderTiny that draws what the autoencoder's own decoder would draw.

The layout is TAESD's (github.com/madebyollin/taesd, MIT), which decodes scaled latents to pictures. Its encoder is
never used here: it has no blocks and keeps its first weights.
"""

from __future__ import annotations

import random
from pathlib import Path

import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, AutoencoderTiny
from torch import Tensor

from sketchdesk.demo.autoencoder import SHAPE, SKETCH_SHARE, pixels, reconstruction_loss
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.fit import FitRecipe, Say, fit
from sketchdesk.demo.scenes import draw
from sketchdesk.engine.models.folder import load_part
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.tiny_decoder import FOLDER

LEVELS = 5
"""As many as the autoencoder's."""
TINY_SHAPE = {
    "latent_channels": SHAPE["latent_channels"],
    "encoder_block_out_channels": (8,) * LEVELS,
    "num_encoder_blocks": (0,) * LEVELS,
    "decoder_block_out_channels": (32,) * LEVELS,
    "num_decoder_blocks": (3, 2, 2, 1, 0),  # most where there are fewest pixels
}
BATCH = 8
RECIPE = FitRecipe(steps=2400, learning_rate=0.01, warmup_steps=20, decay_share=0.8, ema_decay=0.995)


def scaled_latents(vae: AutoencoderKL, pictures: Tensor) -> Tensor:
    """Return latents as a U-Net draws them, [B, C, h, w] of unit deviation, from pictures [B, 3, H, W] in −1..1."""
    return vae.encode(pictures).latent_dist.sample() * vae.config.scaling_factor


def decoded(vae: AutoencoderKL, latents: Tensor) -> Tensor:
    """Return what the autoencoder's own decoder makes of scaled latents: pictures [B, 3, H, W], about −1..1."""
    return vae.decode(latents / vae.config.scaling_factor).sample


def train(vae: AutoencoderKL, folder: Path, say: Say, recipe: FitRecipe = RECIPE) -> AutoencoderTiny:
    """Train a tiny decoder to draw what `vae` draws of training scenes' latents; it goes on from `folder`."""
    torch.manual_seed(0)
    tiny = AutoencoderTiny(**TINY_SHAPE)
    torch.set_flush_denormal(True)
    stream = scenes("train", random.randrange(2**31), SKETCH_SHARE)  # a resumed run draws new scenes

    def loss_at(step: int) -> Tensor:
        pictures = pixels([draw(next(stream)) for _ in range(BATCH)])
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                latents = scaled_latents(vae, pictures)
                target = decoded(vae, latents)
            drawn = tiny.decode(latents).sample
        return reconstruction_loss(drawn.float(), target.float())

    fit(tiny.decoder, loss_at, recipe, folder / "tiny-decoder", say)
    return tiny


@torch.no_grad()
def psnr_db(tiny: AutoencoderTiny, vae: AutoencoderKL, style_share: float, count: int = 64) -> float:
    """Return the mean PSNR in dB, over held-out scenes, of the tiny decoder's pictures against the whole one's."""
    stream = scenes("held-out", 2, style_share)
    latents = scaled_latents(vae, pixels([draw(next(stream)) for _ in range(count)])).split(16)
    drawn, target = (torch.cat([one(part) for part in latents]).clamp(-1, 1) / 2 for one in (
        lambda part: tiny.decode(part).sample, lambda part: decoded(vae, part),
    ))
    mse = F.mse_loss(drawn, target, reduction="none").mean(dim=(1, 2, 3))
    return (-10 * mse.log10()).mean().item()


def build(work: Path, models: Path, say: Say) -> Path:
    """Train the tiny decoder of demo-base, going on from the newest checkpoint in `work`; return its folder, in fp16.

    A demo-base in `models` gets it as its own; without one there, that of the program is decoded, and the decoder lies
    beside the checkpoints.
    """
    own = models / "demo-base"
    base = own if (own / "vae").is_dir() else resolve_model("demo-base")
    vae = load_part(AutoencoderKL, base / "vae", torch.float32).eval().requires_grad_(False)
    folder = (own if base == own else work) / FOLDER
    train(vae, work, say).half().save_pretrained(folder)
    return folder
