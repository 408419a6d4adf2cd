"""How much arithmetic a picture is, counted on the meta device: one multiplication and addition are two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from fullsize import KINDS, networks
from torch.utils.flop_counter import FlopCounterMode

from sketchdesk.engine.sampling.samplers import make_scheduler
from sketchdesk.engine.sampling.steps import choose_steps
from sketchdesk.library.models.families import FAMILIES, scheduler_config

TOKENS, CELL_PX = 77, 8


@dataclass(frozen=True)
class Work:
    """FLOPs of all that a whole picture takes: every step, guided where the family is."""

    text: int
    unet: int
    vae: int


def work_of(kind: str, size: int, steps: int) -> Work:
    """Count for a square picture of `size` pixels a side."""
    family = FAMILIES[KINDS[kind]]
    batch = 2 if family.guidance_scale > 1 else 1
    cells = size // CELL_PX
    with torch.device("meta"):
        parts = networks(family.name)
        latents = torch.empty(1, 4, cells, cells)
        states = torch.empty(1, TOKENS, int(parts["unet"].config.cross_attention_dim))
        ids = torch.zeros(1, TOKENS, dtype=torch.long)
        unet = _counted(lambda: parts["unet"](latents, torch.tensor(1.0), encoder_hidden_states=states))
        vae = _counted(lambda: parts["vae"].decode(latents))
        text = _counted(lambda: parts["text_encoder"](ids))
    scheduler = make_scheduler(None, scheduler_config(family, "epsilon"), family.rectified_flow)
    passes = len(choose_steps(scheduler, steps, torch.device("cpu")))
    return Work(text=batch * text, unet=batch * passes * unet, vae=vae)


def _counted(run: Any) -> int:
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        run()
    return int(counter.get_total_flops())
