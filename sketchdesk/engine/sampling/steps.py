"""Which timesteps a drawing goes through, and what a scheduler's step takes beside the sample."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import Tensor

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _


def choose_steps(scheduler: Any, num_inference_steps: int, device: torch.device, strength: float = 1.0) -> Tensor:
    """Set the scheduler's timesteps and return those to go through: the last `strength` (0..1) of them.

    Raises SketchDeskError(BAD_INPUT) for a number of steps that the sampler cannot take, for more than the noise
    schedule has room for, and where none is left.
    """
    try:
        scheduler.set_timesteps(num_inference_steps, device=device)
    except (ValueError, IndexError, ZeroDivisionError) as error:  # such as PNDM's Runge-Kutta start in three steps
        message = _("This sampler cannot draw in {steps} steps with this model.").format(steps=num_inference_steps)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message, str(error)) from error
    schedule = getattr(scheduler, "alphas_cumprod", None)
    if schedule is not None and scheduler.timesteps.max() > len(schedule) - 1:
        # A scheduler with an offset would leave its noise schedule.
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("This sampler takes fewer than {steps} steps with this model.").format(steps=num_inference_steps),
        )
    taken = int(num_inference_steps * strength)
    skipped = (num_inference_steps - taken) * scheduler.order
    if not taken or skipped >= len(scheduler.timesteps):
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("Nothing would be drawn: steps ({steps}) times strength ({strength}) must be at least one.").format(
                steps=num_inference_steps, strength=f"{strength:g}"
            ),
        )
    if skipped and hasattr(scheduler, "set_begin_index"):
        scheduler.set_begin_index(skipped)
    timesteps: Tensor = scheduler.timesteps[skipped:]
    return timesteps


def step_options(scheduler: Any, generators: list[torch.Generator]) -> dict[str, Any]:
    """Return what a step takes beyond the sample: its noise source, and eta = 0 as in stock pipelines."""
    offered = {"generator": generators, "eta": 0.0}
    return {name: value for name, value in offered.items() if name in inspect.signature(scheduler.step).parameters}
