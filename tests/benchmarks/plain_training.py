"""The loop of diffusers' train_text_to_image.py, written down plainly with its own parts, for comparisons.

fp32 U-Net under autocast, VAE and text encoder frozen in the precision; AdamW or bitsandbytes' of 8 bits; clipping;
EMAModel. Pictures are read, cropped and encoded at every step, as the script does with no loader processes (default).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from diffusers import AutoencoderKL, DDPMScheduler, UNet2DConditionModel
from diffusers.training_utils import EMAModel
from PIL import Image, ImageOps
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.contracts.jobs import TrainJob

_DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}


def plain_training(job: TrainJob, clock: Callable[[], float] = time.perf_counter) -> list[float]:
    """Train, and return when each step ended by a clock; the first mark is the training's begin."""
    torch.set_num_threads(job.num_threads or torch.get_num_threads())
    torch.manual_seed(0)
    folder, device, dtype = Path(job.model), torch.device(job.device), _DTYPES[job.precision]
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    scheduler = DDPMScheduler.from_pretrained(folder / "scheduler")
    text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder").to(device, dtype).requires_grad_(False)
    vae = AutoencoderKL.from_pretrained(folder / "vae").to(device, dtype).requires_grad_(False)
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).to(device).train()
    if job.gradient_checkpointing:
        unet.enable_gradient_checkpointing()
    optimizer = _optimizer(job, unet)
    ema = EMAModel(unet.parameters(), model_cls=UNet2DConditionModel, model_config=unet.config) if job.use_ema else None
    scaler = torch.amp.GradScaler(enabled=dtype == torch.float16)
    files = sorted(Path(job.dataset).glob("*.jpg"))
    marks = [clock()]
    for step in range(job.max_train_steps):
        chosen = [files[(step * job.train_batch_size + n) % len(files)] for n in range(job.train_batch_size)]
        pixels = torch.stack([_pixels(file, job.resolution or 512) for file in chosen]).to(device, dtype)
        captions = [file.with_suffix(".txt").read_text(encoding="utf-8") for file in chosen]
        ids = tokenizer(
            captions, max_length=tokenizer.model_max_length, padding="max_length", truncation=True, return_tensors="pt"
        ).input_ids.to(device)
        latents = vae.encode(pixels).latent_dist.sample() * vae.config.scaling_factor
        noise = torch.randn_like(latents)
        timesteps = torch.randint(scheduler.config.num_train_timesteps, (len(latents),), device=device)
        noisy = scheduler.add_noise(latents.float(), noise.float(), timesteps).to(dtype)
        states = text_encoder(ids, return_dict=False)[0]
        with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            said = unet(noisy, timesteps, states, return_dict=False)[0]
        loss = F.mse_loss(said.float(), noise.float())
        scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(unet.parameters(), job.max_grad_norm)
        scaler.step(optimizer)
        scaler.update()
        optimizer.zero_grad()
        if ema:
            ema.step(unet.parameters())
        loss.item()
        marks.append(clock())
    return marks


def _optimizer(job: TrainJob, unet: UNet2DConditionModel) -> torch.optim.Optimizer:
    kind: Any = torch.optim.AdamW
    if job.optimizer == "adamw_8bit":
        import bitsandbytes

        kind = bitsandbytes.optim.AdamW8bit
    made: torch.optim.Optimizer = kind(unet.parameters(), lr=job.learning_rate, weight_decay=1e-2, eps=1e-8)
    return made


def _pixels(file: Path, side: int) -> torch.Tensor:
    """Return a picture resized at its shorter side and cropped in the middle, [3, side, side] in −1..1."""
    with Image.open(file) as picture:
        fitted = ImageOps.fit(picture.convert("RGB"), (side, side), Image.Resampling.LANCZOS)
    return torch.from_numpy(np.asarray(fitted).copy()).permute(2, 0, 1).float() / 127.5 - 1
