"""CLIP as a loss: what the model has in mind is decoded, and should fit its caption (the report's wish for the future).

Only where there is little noise, since x̂0 shows nothing elsewhere. Captions that were dropped are not judged.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import CLIPImageProcessorPil, CLIPModel

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.loading import load_model, load_processor, load_tokenizer
from sketchdesk.engine.models.stable_diffusion import StableDiffusion
from sketchdesk.engine.models.tiny_decoder import add_tiny_decoder
from sketchdesk.library.models.installed import BUILT, locate, resolve_model
from sketchdesk.library.models.tiny_decoder import find_tiny_decoder


class Judged(NamedTuple):
    """What a micro-batch was told."""

    loss: Tensor
    """The mean over what was judged, without the job's weight."""
    cosine: Tensor
    """The mean cosine of picture and caption."""


class ClipReward:
    """A CLIP that judges decoded x̂0s; gradients flow through it, and through the decoder, into the U-Net."""

    def __init__(self, job: TrainJob, model: StableDiffusion, placement: Placement) -> None:
        """Load the job's CLIP, in fp32. Raises SketchDeskError: BAD_INPUT, MODEL_NOT_FOUND, MODEL_UNREADABLE …"""
        self._job, self._model = job, model
        folder = _folder(job.reward_clip)
        self._clip: Any = load_model(CLIPModel, folder, Placement(placement.device, torch.float32, 1))
        processor = load_processor(CLIPImageProcessorPil, folder)
        self._texts = ClipScorer(self._clip, load_tokenizer(folder), processor)
        self._side = int(self._clip.config.vision_config.image_size)
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(processor.image_mean, device=placement.device).view(shape)
        self._deviation = torch.tensor(processor.image_std, device=placement.device).view(shape)
        if model.tiny_decoder is None and (tiny := find_tiny_decoder(model.folder)):
            add_tiny_decoder(model, tiny)
        self._decoder: Any = model.tiny_decoder or model.vae
        self._decoder.requires_grad_(False)
        if model.tiny_decoder is None:
            model.vae.enable_gradient_checkpointing()

    def is_due(self, step: int) -> bool:
        """Tell whether the 0-based optimiser step is one of those that judge."""
        since = step - self._job.reward_start_step
        return since >= 0 and since % self._job.reward_every == 0

    def judge(self, clean: Tensor, captions: Sequence[str], shares: Tensor) -> Judged | None:
        """Return what x̂0 [B, C, h, w] is told; `shares` [B] are their places in the schedule, 0..1.

        None where no example of the batch has a caption and little enough noise.
        """
        below = (shares < self._job.reward_below).tolist()
        chosen = [index for index, caption in enumerate(captions) if caption and below[index]]
        if not chosen:
            return None
        prefix = self._job.reward_prefix
        texts = self._texts.text_embeddings([f"{prefix} {captions[index]}".strip() for index in chosen])
        cosines = (self.embeddings(self._pixels(clean[chosen])) * texts).sum(dim=-1)
        wanted = 1.0 if self._job.reward_threshold is None else self._job.reward_threshold
        return Judged((wanted - cosines).clamp(min=0).mean(), cosines.detach().mean())

    def embeddings(self, pixels: Tensor) -> Tensor:
        """Return [B, D] embeddings of length one of pixels [B, 3, H, W] in 0..1, prepared as CLIP wants them.

        The shorter side is resized to CLIP's own, the middle cut out: as its processor does, but with a gradient.
        """
        height, width = pixels.shape[-2:]
        shorter = min(height, width)
        size = (self._side * height // shorter, self._side * width // shorter)
        if size != (height, width):
            pixels = F.interpolate(pixels, size, mode="bicubic", antialias=True, align_corners=False).clamp(0, 1)
        top, left = (size[0] - self._side) // 2, (size[1] - self._side) // 2
        pixels = pixels[..., top : top + self._side, left : left + self._side]
        found = self._clip.get_image_features(pixel_values=(pixels - self._mean) / self._deviation)
        embeds: Tensor = found if isinstance(found, Tensor) else found.pooler_output
        return F.normalize(embeds.float(), dim=-1)

    def _pixels(self, latents: Tensor) -> Tensor:
        """Return latents' pictures, [B, 3, H, W] in 0..1; what lies beyond is cut off and has no gradient."""
        latents = (latents / self._decoder.config.scaling_factor).to(self._decoder.dtype)
        decoded: Tensor = self._decoder.decode(latents, return_dict=False)[0]
        return (decoded.float() / 2 + 0.5).clamp(0, 1)


def judges_its_own_work(job: TrainJob) -> bool:
    """Tell whether a job's reward is the CLIP that evaluations use unless told otherwise."""
    judge = EvaluateJob(images_dir="", out_dir="").clip_model
    return job.reward_weight > 0 and locate(job.reward_clip) == locate(judge)


def _folder(name: str) -> Path:
    if name in BUILT and locate(name) is None:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("There is no “{name}” on this machine yet; `sketchdesk demo build {recipe}` trains it.").format(
                name=name, recipe=name.removeprefix("demo-")
            ),
        )
    return resolve_model(name)
