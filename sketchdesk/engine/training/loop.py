"""The training loop, on a page.

Everything random at a step (examples, flips, timesteps, noise, dropped captions) comes from a generator seeded with
(seed, step), so a run resumed at step N goes on exactly as the uninterrupted one would have.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine import memory
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.sampling.text import token_ids
from sketchdesk.engine.training.ema import Ema
from sketchdesk.engine.training.examples import TrainingSet
from sketchdesk.engine.training.objectives import weighted_huber, weighted_mse
from sketchdesk.engine.training.optimisers import learning_rate_at
from sketchdesk.engine.training.process import process_of
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.engine.training.recomputing import bytes_kept, fewest_blocks, recompute_only
from sketchdesk.engine.training.reward import ClipReward
from sketchdesk.engine.training.skipped import Skipped
from sketchdesk.engine.training.stepping import make_stepper
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.engine.training.trained import Trained
from sketchdesk.engine.training.waiting import Rests, Waiting
from sketchdesk.engine.use import Use
from sketchdesk.library.dataset.chance import DROPOUT, STEP, step_seed
from sketchdesk.library.training.averaging import ema_decay_at

LOG_EVERY_S = 0.5
EMA_FILE = "average.bin"
"""In the run's folder, while it trains, where the average lies on disk."""
AfterStep = Callable[[int], None]
"""Called with the number of optimiser steps done, after each."""


class Batch(NamedTuple):
    """What one micro-batch is made of, all of it a pure function of the seed and the micro-step; on the device."""

    latents: Tensor
    """[B, C, h, w]"""
    noise: Tensor
    """What is asked for, [B, C, h, w]."""
    perturbed: Tensor
    """What is added, [B, C, h, w]: the noise, or a little more of it (input perturbation, Ning et al., 2301.11706)."""
    timesteps: Tensor
    """[B]"""
    captions: list[str]


class Trainer:
    """The state of one run: the model being tuned, its optimiser and its average.

    The networks are held in fp32 and compute under autocast in the placement's precision; those that only carry
    adapters are held in that precision, the adapters in fp32.
    """

    def __init__(
        self,
        job: TrainJob,
        model: StableDiffusion,
        data: TrainingSet,
        placement: Placement,
        texts: TextStates,
        waiting: Rests | None = None,
        ranks: Ranks | None = None,
    ) -> None:
        """Prepare the model's networks for the job. `waiting` are those of its parts that need not be on the device."""
        self.job, self.model, self.data, self.placement, self.texts = job, model, data, placement, texts
        self.waiting = waiting or Waiting()
        self.ranks = ranks or Ranks()
        self.know_captions(data.captions)
        self.order = data.order(job.train_batch_size, job.seed)
        self.process = process_of(model)
        self.trained = Trained(job, model, placement)
        self.stepper = make_stepper(job, self.trained.named, placement, self.ranks.count)
        self.ema = _ema(job, self.trained) if job.use_ema and self.ranks.is_first else None
        self.reward = ClipReward(job, model, placement) if job.reward_weight else None
        self.last_cosine: float | None = None
        self.step = 0
        self.skipped = Skipped(job.non_finite_limit)
        self.last_loss = float("nan")

    def run(self, reporter: Reporter, after_step: AfterStep) -> None:
        """Train to max_train_steps.

        A step whose loss is no number is skipped; raises NOT_FINITE after non_finite_limit of them in a row.
        """
        self.waiting.rest()
        self._fit_activations()
        use = Use(self.placement.device)
        logged, worked_s, images, first = time.monotonic(), 0.0, 0, self.step
        while self.step < self.job.max_train_steps:
            began = time.monotonic()
            rate = learning_rate_at(self.job, self.step)
            self.stepper.set_learning_rate(rate)
            loss, rewards = torch.zeros(2, device=self.placement.device)
            for part in range(self.job.gradient_accumulation_steps):
                part_loss, reward_loss = self._losses(self._micro_step(part))
                part_loss = part_loss / self.job.gradient_accumulation_steps
                reward_loss = reward_loss / self.job.gradient_accumulation_steps
                self.stepper.backward(part_loss + reward_loss, self.step)
                loss += part_loss.detach()
                rewards += reward_loss.detach()
            self.ranks.mean_gradients(self.trained.parameters)
            gradient_norm = self._update(*self.ranks.mean(torch.stack([loss, rewards])))
            now = time.monotonic()
            worked_s += now - began
            images += self.job.train_batch_size * self.job.gradient_accumulation_steps * self.ranks.count
            if now - logged >= LOG_EVERY_S or self.step in (first + 1, self.job.max_train_steps):
                values = {"lr": rate, "grad_norm": gradient_norm, "images_per_s": images / worked_s, **use.look()}
                self._log(reporter, values)
                logged, worked_s, images = now, 0.0, 0
            reporter.step(self.step, self.job.max_train_steps)
            after_step(self.step)

    def _micro_step(self, part: int) -> int:
        """Return the number of this process's micro-batch of the step; what a network draws by itself follows it."""
        number = (self.step * self.job.gradient_accumulation_steps + part) * self.ranks.count + self.ranks.number
        torch.manual_seed(step_seed(self.job.seed, number, DROPOUT))
        return number

    def _log(self, reporter: Reporter, told: dict[str, float]) -> None:
        gib = memory.peak_gib(self.placement.device)
        values = {"loss": self.last_loss, **told, "memory_gib": gib, **self.skipped.told}
        if self.ema:
            values["ema_decay"] = ema_decay_at(self.step, self.job.ema_decay)
        if self.last_cosine is not None:
            values["reward_cosine"] = self.last_cosine
        # In fp16 the first gradients overflow and the scaler skips them; JSON has no word for such a norm.
        finite = {name: value for name, value in values.items() if math.isfinite(value)}
        reporter.emit(MetricLogged(step=self.step, values=finite))

    @contextmanager
    def evaluating(self) -> Iterator[None]:
        """Run a block with the networks in evaluation mode and their averages in place, then train on."""
        for network in self.trained.networks:
            network.eval()
        try:
            with self.ema.swapped_in() if self.ema else nullcontext():
                yield
        finally:
            for network in self.trained.networks:
                network.train()
            self.waiting.rest()

    def predict(self, noisy: Tensor, timesteps: Tensor, captions: Sequence[str]) -> Tensor:
        """Return what the U-Net says of noisy latents [B, C, h, w] at timesteps [B], under autocast."""
        with self._autocast():
            states = self._states(captions)
            said: Tensor = self.model.unet(noisy, timesteps, encoder_hidden_states=states, return_dict=False)[0]
        return said

    def _fit_activations(self) -> None:
        """Compute no more blocks again than the job's budget for activations asks for."""
        budget = self.job.activation_budget_gib
        if not self.job.gradient_checkpointing or budget is None:
            return
        batch = self.batch(self.step * self.job.gradient_accumulation_steps)

        def forward(count: int) -> object:
            noisy = batch.latents[:1].expand(count, -1, -1, -1)
            return self.predict(noisy, batch.timesteps[:1].expand(count), batch.captions[:1] * count)

        kept = bytes_kept(self.model.unet, forward)
        each = {name: size * self.job.train_batch_size for name, size in kept.items()}
        recompute_only(self.model.unet, fewest_blocks(each, budget * 2**30))

    def batch(self, micro_step: int) -> Batch:
        """Return what the micro-batch of that number, from 0, is made of."""
        job, device = self.job, self.placement.device
        generator = torch.Generator().manual_seed(step_seed(job.seed, micro_step, STEP))
        shown, shape = self.order.at(micro_step), (job.train_batch_size,)
        torch.randint(1, shape, generator=generator)  # flips were drawn here once; what follows stays as it was
        latents = self.data.sample(shown, job.seed, generator).to(device)
        self.data.foresee(self.order.at(micro_step + self.ranks.count), job.seed)
        noise = torch.randn(latents.shape, generator=generator)
        if job.noise_offset:
            noise = noise + job.noise_offset * torch.randn((*latents.shape[:2], 1, 1), generator=generator)
        timesteps = self.process.draw(job.train_batch_size, generator).to(device)
        dropped = torch.rand(shape, generator=generator) < job.caption_dropout
        captions = ["" if d else self.data.examples[one.example].caption for one, d in zip(shown, dropped, strict=True)]
        perturbed = noise + job.input_perturbation * torch.randn(noise.shape, generator=generator)
        return Batch(latents, noise.to(device), perturbed.to(device), timesteps, captions)

    def _losses(self, micro_step: int) -> tuple[Tensor, Tensor]:
        """Return the denoising loss of one micro-batch, and that of its reward times the job's weight or 0."""
        job, process = self.job, self.process
        batch = self.batch(micro_step)
        noisy = process.noisy(batch.latents, batch.perturbed, batch.timesteps)
        prediction = self.predict(noisy, batch.timesteps, batch.captions)
        wanted = process.target(batch.latents, batch.noise, batch.timesteps)
        weights = process.weights(job.loss_weighting, job.snr_gamma, batch.timesteps)
        if job.loss == "huber":
            widths = process.huber(job.huber_schedule, job.huber_c, batch.timesteps)
            loss = weighted_huber(prediction, wanted, weights, widths)
        else:
            loss = weighted_mse(prediction, wanted, weights)
        return loss, self._reward(batch, noisy, prediction)

    def _reward(self, batch: Batch, noisy: Tensor, prediction: Tensor) -> Tensor:
        judged = None
        if self.reward and self.reward.is_due(self.step):
            clean = self.process.clean(noisy, prediction.float(), batch.timesteps)
            judged = self.reward.judge(clean, batch.captions, batch.timesteps / self.process.level(1.0))
        if judged is None:
            return torch.zeros((), device=noisy.device)
        self.last_cosine = judged.cosine.item()
        return self.job.reward_weight * judged.loss

    def _update(self, loss: Tensor, rewards: Tensor) -> float:
        """End the step and return the gradients' norm before clipping; raises NOT_FINITE after too many in vain."""
        self.last_loss = loss.item()
        is_sound = math.isfinite(self.last_loss + rewards.item())
        norm = self.stepper.finish(self.step, is_sound)
        self.skipped.note(self.step + 1, is_sound and (norm is not None or self.stepper.searches))
        self.step += 1
        if self.ema and norm is not None:
            self.ema.update(self.step)
        return math.nan if norm is None else norm

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
            self.waiting.rest()

    def state_dict(self) -> dict[str, Any]:
        """Return everything a resume needs; tensors and plain values only."""
        return {
            "step": self.step,
            "skipped": self.skipped.state(),
            "networks": self.trained.state_dict(),
            **self.stepper.state_dict(),
            "ema": self.ema.state_dict() if self.ema else {},
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.step = state["step"]
        self.skipped.load_state(state.get("skipped", (0, 0)))
        self.trained.load_state_dict(state["networks"])
        self.stepper.load_state_dict(state)
        if self.ema:
            self.ema.load_state_dict(state["ema"])


def _ema(job: TrainJob, trained: Trained) -> Ema:
    """Return the average of what is trained, where the job wants it to lie."""
    device = None if job.ema_device == "same" else torch.device("cpu")
    file = Path(job.out_dir) / EMA_FILE if job.ema_device == "disk" else None
    return Ema(trained.parameters, job.ema_decay, device, file)
