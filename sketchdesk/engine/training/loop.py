"""The training loop, on a page.

Everything random at a step (examples, flips, timesteps, noise, dropped captions) comes from a generator seeded with
(seed, step), so a run resumed at step N goes on exactly as the uninterrupted one would have.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import torch
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextModel

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine import memory
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.text import token_ids
from sketchdesk.engine.training.ema import Ema
from sketchdesk.engine.training.examples import TrainingSet
from sketchdesk.engine.training.objectives import loss_weights, target, weighted_mse
from sketchdesk.engine.training.optimisers import learning_rate_at, make_optimizer
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.library.dataset.chance import STEP, step_seed

LOG_EVERY_S = 0.5
AfterStep = Callable[[int], None]
"""Called with the number of optimiser steps done, after each."""


class Trainer:
    """The state of one run: the model being tuned, its optimiser and its average.

    The networks are held in fp32 and compute under autocast in the placement's precision.
    """

    def __init__(
        self, job: TrainJob, model: StableDiffusion, data: TrainingSet, placement: Placement, texts: TextStates
    ) -> None:
        self.job, self.model, self.data, self.placement, self.texts = job, model, data, placement, texts
        self.order = data.order(job.train_batch_size, job.seed)
        self.noise_scheduler = DDPMScheduler.from_config(model.scheduler_config)
        self.alphas_cumprod = self.noise_scheduler.alphas_cumprod.to(placement.device)
        self.networks: list[nn.Module] = [model.unet]
        if job.train_text_encoder:
            self.networks.append(model.text_encoder)
        for network in self.networks:
            network.train().requires_grad_(True)
            if job.gradient_checkpointing:
                _checkpoint_gradients(network)
            if placement.device.type == "cpu":
                _use_plain_attention(network)
        named = [pair for network in self.networks for pair in network.named_parameters()]
        self.parameters = [parameter for _, parameter in named]
        self.optimizer = make_optimizer(job, named)
        self.ema = Ema(self.parameters, job.ema_decay) if job.use_ema else None
        self.scaler = torch.amp.GradScaler(enabled=placement.dtype == torch.float16)
        self.know_captions(data.captions)
        self.step = 0
        self.last_loss = float("nan")

    def run(self, reporter: Reporter, after_step: AfterStep) -> None:
        """Train to max_train_steps. Raises NOT_FINITE before a broken loss can reach the weights."""
        logged, worked_s, images, first = time.monotonic(), 0.0, 0, self.step
        while self.step < self.job.max_train_steps:
            began = time.monotonic()
            rate = learning_rate_at(self.job, self.step)
            for group in self.optimizer.param_groups:
                group["lr"] = rate
            loss = torch.zeros((), device=self.placement.device)
            for part in range(self.job.gradient_accumulation_steps):
                part_loss = self._loss(self.step * self.job.gradient_accumulation_steps + part)
                part_loss = part_loss / self.job.gradient_accumulation_steps
                self.scaler.scale(part_loss).backward()
                loss += part_loss.detach()
            gradient_norm = self._update(loss)
            now = time.monotonic()
            worked_s += now - began
            images += self.job.train_batch_size * self.job.gradient_accumulation_steps
            if now - logged >= LOG_EVERY_S or self.step in (first + 1, self.job.max_train_steps):
                self._log(reporter, rate, gradient_norm, images / worked_s)
                logged, worked_s, images = now, 0.0, 0
            reporter.step(self.step, self.job.max_train_steps)
            after_step(self.step)

    def _log(self, reporter: Reporter, rate: float, gradient_norm: float, images_per_s: float) -> None:
        values = {
            "loss": self.last_loss,
            "lr": rate,
            "grad_norm": gradient_norm,
            "images_per_s": images_per_s,
            "memory_gib": memory.peak_gib(self.placement.device),
        }
        # In fp16 the first gradients overflow and the scaler skips them; JSON has no word for such a norm.
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        reporter.emit(MetricLogged(step=self.step, values=finite))

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Run a block with the networks in evaluation mode and their averages in place, then train on."""
        for network in self.networks:
            network.eval()
        try:
            with self.ema.swapped_in() if self.ema else nullcontext():
                yield
        finally:
            for network in self.networks:
                network.train()

    def predict(self, noisy: Tensor, timesteps: Tensor, captions: Sequence[str]) -> Tensor:
        """Return what the U-Net says of noisy latents [B, C, h, w] at timesteps [B], under autocast."""
        with self._autocast():
            states = self._states(captions)
            said: Tensor = self.model.unet(noisy, timesteps, encoder_hidden_states=states, return_dict=False)[0]
        return said

    def _loss(self, micro_step: int) -> Tensor:
        """Return the loss of one micro-batch; latents are [B, C, h, w], text states [B, L, D]."""
        job, device = self.job, self.placement.device
        generator = torch.Generator().manual_seed(step_seed(job.seed, micro_step, STEP))
        shown, shape = self.order.at(micro_step), (job.train_batch_size,)
        torch.randint(1, shape, generator=generator)  # flips were drawn here once; what follows stays as it was
        latents = self.data.sample(shown, job.seed, generator).to(device)
        self.data.foresee(self.order.at(micro_step + 1), job.seed)
        noise = torch.randn(latents.shape, generator=generator)
        if job.noise_offset:
            noise = noise + job.noise_offset * torch.randn((*latents.shape[:2], 1, 1), generator=generator)
        steps = self.noise_scheduler.config.num_train_timesteps
        timesteps = torch.randint(steps, shape, generator=generator).to(device)
        dropped = torch.rand(shape, generator=generator) < job.caption_dropout
        captions = ["" if d else self.data.examples[one.example].caption for one, d in zip(shown, dropped, strict=True)]
        perturbed = noise + job.input_perturbation * torch.randn(noise.shape, generator=generator)
        noise, perturbed = noise.to(device), perturbed.to(device)
        noisy = self.noise_scheduler.add_noise(latents, perturbed, timesteps)
        kind = self.model.prediction_type
        prediction = self.predict(noisy, timesteps, captions)
        wanted = target(self.noise_scheduler, kind, latents, noise, timesteps)
        weights = loss_weights(job.loss_weighting, job.snr_gamma, kind, self.alphas_cumprod, timesteps)
        return weighted_mse(prediction, wanted, weights)

    def _update(self, loss: Tensor) -> float:
        """Apply the gathered gradients and return their norm before clipping."""
        self.last_loss = loss.item()
        if not torch.isfinite(loss):
            raise SketchDeskError(ErrorKind.NOT_FINITE, str(self.step))
        self.scaler.unscale_(self.optimizer)
        limit = self.job.max_grad_norm or float("inf")
        norm = nn.utils.clip_grad_norm_(self.parameters, limit)
        self.scaler.step(self.optimizer)
        self.scaler.update()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        if self.ema:
            self.ema.update(self.step)
        return float(norm)

    def _autocast(self) -> AbstractContextManager[Any]:
        if self.placement.dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.placement.device.type, self.placement.dtype)

    def _states(self, captions: Sequence[str]) -> Tensor:
        if self.job.train_text_encoder:
            ids = token_ids(self.model, list(captions)).to(self.placement.device)
            states: Tensor = self.model.text_encoder(ids)[0]
            return states
        return self.texts.of(captions).to(self.placement.device)

    def know_captions(self, captions: Iterable[str]) -> None:
        """Encode captions beforehand; not where their encoder is trained."""
        if not self.job.train_text_encoder:
            self.texts.know(captions)

    def state_dict(self) -> dict[str, Any]:
        """Return everything a resume needs; tensors and plain values only."""
        return {
            "step": self.step,
            "networks": [network.state_dict() for network in self.networks],
            "optimizer": self.optimizer.state_dict(),
            "ema": self.ema.state_dict() if self.ema else {},
            "scaler": self.scaler.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.step = state["step"]
        for network, saved in zip(self.networks, state["networks"], strict=True):
            network.load_state_dict(saved)
        self.optimizer.load_state_dict(state["optimizer"])
        if self.ema:
            self.ema.load_state_dict(state["ema"])
        self.scaler.load_state_dict(state["scaler"])


def _use_plain_attention(network: nn.Module) -> None:
    """Spell attention out: the fused kernel's backward pass is several times slower on CPUs in bf16."""
    if isinstance(network, UNet2DConditionModel):
        network.set_attn_processor(AttnProcessor())
    elif isinstance(network, CLIPTextModel):
        network.set_attn_implementation("eager")


def _checkpoint_gradients(network: nn.Module) -> None:
    """Trade time for memory: recompute activations in the backward pass."""
    enable = getattr(network, "enable_gradient_checkpointing", None) or getattr(
        network, "gradient_checkpointing_enable", None
    )
    if enable:
        enable()
