"""Every loss, and what the network says in the end, equal those of a plain loop as train_text_to_image.py has it.

The loop below is written for this test with diffusers' and torch's own parts: their noise schedule, velocity, signal
to noise, AdamW, clipping and EMAModel, and a U-Net as they load it. Of ours it takes the batches.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
import torch.nn.functional as F
from diffusers import DDPMScheduler, UNet2DConditionModel
from diffusers.training_utils import EMAModel, compute_snr
from transformers import CLIPTextModel, CLIPTokenizer

from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training import loop
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.prepare import find, prepare
from sketchdesk.engine.training.text_states import TextStates

CPU = Placement(torch.device("cpu"), torch.float32, 1)
STEPS = 20


def trainer_of(job: TrainJob, kind: str) -> Trainer:
    model = load_stable_diffusion(Path(job.model), CPU.device, torch.float32)
    model.scheduler_config["prediction_type"] = kind
    data = prepare(job, find(job), model, 32, Reporter(lambda event: None))
    return Trainer(job, model, data, CPU, TextStates(model, torch.float32, True, pytest.fail))


def plain_losses(job: TrainJob, kind: str, ours: Trainer) -> tuple[list[float], UNet2DConditionModel]:
    """The reference: losses by step, and the network it ends with (averaged, if the job says so)."""
    folder = Path(job.model)
    unet = UNet2DConditionModel.from_pretrained(folder / "unet").train()
    text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder").eval()
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
    scheduler = DDPMScheduler.from_pretrained(folder / "scheduler", prediction_type=kind)
    optimizer = torch.optim.AdamW(
        unet.parameters(), lr=job.learning_rate, betas=(0.9, 0.999), weight_decay=1e-2, eps=1e-8
    )
    ema = EMAModel(unet.parameters(), decay=job.ema_decay) if job.use_ema else None
    losses = []
    for step in range(STEPS):
        step_loss = 0.0
        for part in range(job.gradient_accumulation_steps):
            batch = ours.batch(step * job.gradient_accumulation_steps + part)
            ids = tokenizer(
                batch.captions, padding="max_length", max_length=tokenizer.model_max_length, truncation=True,
                return_tensors="pt",
            ).input_ids  # fmt: skip
            with torch.no_grad():
                states = text_encoder(ids)[0]
            noisy = scheduler.add_noise(batch.latents, batch.perturbed, batch.timesteps)
            target = batch.noise
            if kind == "v_prediction":
                target = scheduler.get_velocity(batch.latents, batch.noise, batch.timesteps)
            said = unet(noisy, batch.timesteps, states, return_dict=False)[0]
            if job.snr_gamma is None:
                loss = F.mse_loss(said, target)
            else:
                snr = compute_snr(scheduler, batch.timesteps)
                weights = torch.stack([snr, job.snr_gamma * torch.ones_like(snr)], dim=1).min(dim=1)[0]
                weights = weights / (snr + 1 if kind == "v_prediction" else snr)
                each = F.mse_loss(said, target, reduction="none")
                loss = (each.mean(dim=list(range(1, each.ndim))) * weights).mean()
            (loss / job.gradient_accumulation_steps).backward()
            step_loss += loss.item() / job.gradient_accumulation_steps
        torch.nn.utils.clip_grad_norm_(unet.parameters(), job.max_grad_norm)
        optimizer.step()
        optimizer.zero_grad()
        if ema:
            ema.step(unet.parameters())
        losses.append(step_loss)
    if ema:
        ema.copy_to(unet.parameters())
    return losses, unet


@pytest.mark.parametrize("kind", ["epsilon", "v_prediction"])
@pytest.mark.parametrize(
    "changes",
    [{}, {"snr_gamma": 5.0}, {"gradient_accumulation_steps": 2}, {"use_ema": True, "ema_decay": 0.9},
     {"snr_gamma": 5.0, "gradient_accumulation_steps": 2, "use_ema": True, "noise_offset": 0.1,
      "input_perturbation": 0.1, "caption_dropout": 0.3}],
    ids=["plain", "min-snr", "accumulation", "ema", "everything"],
)  # fmt: skip
def test_every_loss_and_the_tuned_network_equal_the_plain_loops(tiny_sd, balls, tmp_path, monkeypatch, kind, changes):
    monkeypatch.setattr(loop, "LOG_EVERY_S", 0.0)  # every step's loss is logged
    job = TrainJob(
        model=str(tiny_sd), dataset=str(balls), out_dir=str(tmp_path), max_train_steps=STEPS, train_batch_size=2,
        learning_rate=1e-4, optimizer="adamw", use_ema=False, precision="fp32", num_threads=1, random_flip=True,
    )  # fmt: skip
    job = msgspec.structs.replace(job, **changes)
    trainer = trainer_of(job, kind)
    events: list = []
    trainer.run(Reporter(events.append), lambda step: None)
    losses = [event.values["loss"] for event in events if isinstance(event, MetricLogged)]
    expected, unet = plain_losses(job, kind, trainer)
    assert losses == pytest.approx(expected, abs=1e-5)
    assert len(losses) == STEPS
    if trainer.ema:
        trainer.ema.copy_to_parameters()
    assert torch.allclose(said(trainer.model.unet), said(unet), atol=1e-4)


def said(unet: torch.nn.Module) -> torch.Tensor:
    """What a U-Net says of the same input. Its weights need not compare: a convolution's bias before a normalisation
    of single channels has no gradient but rounding, which AdamW makes as large as any other."""
    generator = torch.Generator().manual_seed(5)
    noisy, states = torch.randn(2, 4, 16, 16, generator=generator), torch.randn(2, 7, 32, generator=generator)
    with torch.no_grad():
        return unet.eval()(noisy, torch.tensor([10, 900]), encoder_hidden_states=states).sample
