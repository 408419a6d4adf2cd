"""The demo's autoencoder: an AutoencoderKL with 24 latent channels at a sixteenth of the size."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL
from PIL import Image
from torch import Tensor, nn

from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.fit import FitRecipe, Say, fit
from sketchdesk.demo.scenes import draw

SHAPE = {
    "in_channels": 3,
    "out_channels": 3,
    "latent_channels": 24,
    "block_out_channels": (16, 32, 96, 128, 128),
    "down_block_types": ("DownEncoderBlock2D",) * 5,
    "up_block_types": ("UpDecoderBlock2D",) * 5,
    "layers_per_block": 1,
    "norm_num_groups": 8,
    "mid_block_add_attention": False,
    "sample_size": 128,
}
BATCH = 8
SKETCH_SHARE = 1 / 3
RECIPE = FitRecipe(steps=3600, warmup_steps=20, decay_share=0.8)
SHARPEN_RECIPE = FitRecipe(steps=900, learning_rate=0.015, warmup_steps=20, decay_share=0.9)
KL_WEIGHT = 3e-4
FIRST_LOG_VARIANCE = -4.0
"""Where the posterior starts: little noise, so that the first steps learn pictures and not to outshout it."""


def pixels(pictures: list[Image.Image]) -> Tensor:
    """Return pictures as [B, 3, H, W] in −1..1."""
    array = np.stack([np.asarray(picture.convert("RGB")) for picture in pictures])
    return torch.from_numpy(array).permute(0, 3, 1, 2).float() / 127.5 - 1


def reconstruction_loss(rebuilt: Tensor, target: Tensor) -> Tensor:
    """L1 + 4·L2 + 0.3·L1 of the finite differences, which keeps edges where they are. Pictures [B, 3, H, W]."""
    difference = rebuilt - target
    edges = difference.diff(dim=-1).abs().mean() + difference.diff(dim=-2).abs().mean()
    return difference.abs().mean() + 4 * difference.square().mean() + 0.3 * edges


def train(folder: Path, say: Say) -> AutoencoderKL:
    """Train the autoencoder on random training scenes; the scaling factor is measured at the end."""
    torch.manual_seed(0)
    vae = AutoencoderKL(**SHAPE)
    with torch.no_grad():
        vae.quant_conv.bias[SHAPE["latent_channels"] :].fill_(FIRST_LOG_VARIANCE)
    torch.set_flush_denormal(True)
    stream = scenes("train", random.randrange(2**31), SKETCH_SHARE)  # a resumed run draws new scenes

    def loss_at(step: int) -> Tensor:
        target = pixels([draw(next(stream)) for _ in range(BATCH)])
        with torch.autocast("cpu", torch.bfloat16):
            posterior = vae.encode(target).latent_dist
            rebuilt = vae.decode(posterior.sample()).sample
        kl = 0.5 * (posterior.mean.float() ** 2 + posterior.var.float() - 1 - posterior.logvar.float()).mean()
        return reconstruction_loss(rebuilt.float(), target) + KL_WEIGHT * kl

    fit(vae, loss_at, RECIPE, folder / "autoencoder", say)
    vae.register_to_config(scaling_factor=1 / latent_std(vae))
    return vae


def sharpen(vae: AutoencoderKL, folder: Path, say: Say) -> AutoencoderKL:
    """Train the decoder alone for the least squared error; the latents, and all that was trained on them, stay."""
    torch.set_flush_denormal(True)
    stream = scenes("train", random.randrange(2**31), SKETCH_SHARE)
    half = nn.ModuleList([vae.post_quant_conv, vae.decoder]).requires_grad_(True)

    def loss_at(step: int) -> Tensor:
        target = pixels([draw(next(stream)) for _ in range(BATCH)])
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                latents = vae.encode(target).latent_dist.sample()
            rebuilt = vae.decode(latents).sample
        difference = rebuilt.float() - target
        return 8 * difference.square().mean() + 0.3 * difference.abs().mean()

    fit(half, loss_at, SHARPEN_RECIPE, folder / "decoder", say)
    return vae


@torch.no_grad()
def latent_std(vae: AutoencoderKL, count: int = 256) -> float:
    """Return the standard deviation of the latents of `count` colour scenes."""
    stream = scenes("train", 1, 0.05)
    latents = [vae.encode(pixels([draw(next(stream)) for _ in range(16)])).latent_dist.mean for _ in range(count // 16)]
    return torch.cat(latents).std().item()


@torch.no_grad()
def psnr_db(vae: AutoencoderKL, style_share: float, count: int = 64) -> float:
    """Return the mean PSNR in dB over held-out scenes, all colour (style_share 0) or all sketches (1)."""
    stream = scenes("held-out", 2, style_share)
    target = pixels([draw(next(stream)) for _ in range(count)])
    rebuilt = torch.cat([vae.decode(vae.encode(part).latent_dist.mode()).sample for part in target.split(16)])
    mse = F.mse_loss(rebuilt.clamp(-1, 1) / 2, target / 2, reduction="none").mean(dim=(1, 2, 3))
    return (-10 * mse.log10()).mean().item()


def build(work: Path, say: Say) -> Path:
    """Train the autoencoder, going on from the newest checkpoint in `work`, and return its folder."""
    folder = work / "vae"
    if not (folder / "config.json").is_file():
        sharpen(train(work, say), work, say).save_pretrained(folder)
    return folder
