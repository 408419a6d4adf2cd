"""The model that learns: what it begins with, how it is asked, and what becomes of it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor

from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.engine.device import Placement
from sketchdesk.engine.distillation.measures import Drawer
from sketchdesk.engine.distillation.networks import answer_in_fp32, view_of
from sketchdesk.engine.distillation.settings import as_training
from sketchdesk.engine.distillation.start import begun
from sketchdesk.engine.distillation.velocity_model import Ends
from sketchdesk.engine.distillation.velocity_start import as_velocity
from sketchdesk.engine.models.stable_diffusion import Defaults, StableDiffusion, save_tuned
from sketchdesk.engine.sampling.samplers import sampler_name
from sketchdesk.engine.training.lora_files import save_lora
from sketchdesk.engine.training.text_states import TextStates
from sketchdesk.engine.training.trained import Trained
from sketchdesk.library.distillation.ways import LORA_SAMPLER, UNGUIDED
from sketchdesk.library.models.few_steps import FewSteps, few_steps_metadata
from sketchdesk.library.models.perflow import is_perflow
from sketchdesk.library.models.samplers import OF_THEIR_OWN
from sketchdesk.library.training.checkpoints import LORA

MODEL = "model"
FEW_STEPS = {"_class_name": "DDIMScheduler", "timestep_spacing": "trailing", "set_alpha_to_one": True}
"""The stock scheduler that goes from the noisiest timestep to no noise at all, in however few steps."""


class Student:
    """A U-Net over the teacher's text encoder and VAE, seen as a velocity field whatever its head says."""

    def __init__(self, job: DistillJob, teacher: StableDiffusion, placement: Placement, texts: TextStates) -> None:
        """Begin as the teacher, with its own U-Net unless that is needed for matching beside a whole student; or as
        the model the job names as its start.

        For jobs without conflicts (library.distillation.conflicts). Raises SketchDeskError as begun() does.
        """
        self.settings: TrainJob = as_training(job, job.resolution or teacher.sample_size_px)
        first = begun(job, teacher)
        keeps_teacher = job.matching_steps > 0 and not job.lora_rank and first is teacher
        unet = copy.deepcopy(teacher.unet) if keeps_teacher else first.unet
        self.model = replace(
            first, unet=unet, defaults=Defaults(guidance_scale=1.0, num_inference_steps=job.student_steps)
        )
        self.is_converted = job.student == "velocity" and not first.rectified_flow
        """Whether its U-Net is to say something else than the teacher's; its last layer waits to be fitted then."""
        if self.is_converted:
            as_velocity(self.model)
        self.texts, self.placement = texts, placement
        self.trained = Trained(self.settings, self.model, placement)
        if not self.model.rectified_flow:
            if not is_perflow(self.model.scheduler_config):
                self.model.scheduler_config = {**self.model.scheduler_config, **FEW_STEPS}
            answer_in_fp32(unet, placement.device)
        self.view = view_of(self.model, placement, sampler=LORA_SAMPLER if job.lora_rank else "ddim")
        own = sampler_name(self.model.scheduler_config, self.model.rectified_flow)
        self.trained.lora_facts = few_steps_metadata(FewSteps(
            name=Path(job.out_dir).name, sampler=next((name for name in OF_THEIR_OWN if name == own), LORA_SAMPLER),
            num_inference_steps=job.student_steps, guidance_scale=UNGUIDED,
        ))  # fmt: skip
        self._parts = ["unet", "text_encoder"] if job.loras else ["unet"]

    def states(self, captions: Sequence[str]) -> Tensor:
        """Return the states [B, L, D] of known captions, on the device."""
        return self.texts.of(captions).to(self.placement.device)

    def ends(self, x: Tensor, s: Tensor, captions: Sequence[str]) -> Ends:
        """Return x̂0 and ẑ as it sees them from x_s, [B, C, h, w]; see FlowView.ends."""
        return self.view.ends(x, s, self.states(captions))

    def clean(self, x: Tensor, s: Tensor, captions: Sequence[str]) -> Tensor:
        """Return x̂0 as it sees it from x_s, [B, C, h, w]."""
        return self.ends(x, s, captions).clean

    def velocity(self, x: Tensor, s: Tensor, captions: Sequence[str]) -> Tensor:
        """Return z − x0 as it sees it from x_s, [B, C, h, w]; see FlowView.velocity."""
        return self.view.velocity(x, s, self.states(captions))

    def save(self, out: Path, steps: int) -> Path:
        """Save what it is now: a model folder, or a LoRA in both layouts; return the folder, or the LoRA's file."""
        if not self.trained.adapts:
            save_tuned(self.model, self._parts, out / MODEL)
            return out / MODEL
        adapters = dict(zip(self.trained.names, self.trained.state_dict(), strict=True))
        facts = self.trained.lora_facts
        return save_lora(out / LORA, out.name, adapters, self.settings, self.model, steps, facts)


@torch.no_grad()
def drawn_in_steps(student: Drawer, noise: Tensor, captions: Sequence[str], steps: int) -> Tensor:
    """Return the latents [B, C, h, w] it draws of noise in so many of its own steps; see FlowView.own_steps."""
    x, shares = noise, student.view.own_steps(steps).to(noise.device)
    for now, then in pairwise(shares):
        x = student.ends(x, now.expand(len(x)), captions).at(then.expand(len(x)))
    return x
