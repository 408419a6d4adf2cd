"""The samplers by name: which scheduler class draws, and what it is set to."""

from __future__ import annotations

import inspect
from typing import Any

import diffusers

from sketchdesk.contracts.jobs import Sampler
from sketchdesk.engine.sampling.perflow import PeRFlowScheduler
from sketchdesk.engine.sampling.rectified_flow import RectifiedFlowScheduler
from sketchdesk.library.models.perflow import is_perflow

SAMPLERS: dict[Sampler, tuple[str, dict[str, Any]]] = {
    "pndm": ("PNDMScheduler", {"skip_prk_steps": True}),
    "ddim": ("DDIMScheduler", {}),
    "ddpm": ("DDPMScheduler", {}),
    "euler": ("EulerDiscreteScheduler", {}),
    "euler_a": ("EulerAncestralDiscreteScheduler", {}),
    "heun": ("HeunDiscreteScheduler", {}),
    "dpmpp_2m": ("DPMSolverMultistepScheduler", {"algorithm_type": "dpmsolver++"}),
    "dpmpp_2m_karras": (
        "DPMSolverMultistepScheduler",
        {"algorithm_type": "dpmsolver++", "use_karras_sigmas": True},
    ),
    "dpmpp_sde": ("DPMSolverMultistepScheduler", {"algorithm_type": "sde-dpmsolver++"}),
    "unipc": ("UniPCMultistepScheduler", {}),
    "lcm": ("LCMScheduler", {}),
    "tcd": ("TCDScheduler", {}),
}

OF_LATENTS = {"clip_sample": False, "steps_offset": 1}
"""What holds for every Stable Diffusion model, whether its folder says so or not; stock pipelines set it as well.
Latents reach far beyond −1..1, where samplers for pixels cut them off."""


def make_scheduler(sampler: Sampler | None, config: dict[str, Any], rectified_flow: bool = False) -> Any:
    """Return a fresh scheduler: the named sampler on the model's noise schedule, or the model's own if None."""
    if sampler == "rectified_flow" or (sampler is None and rectified_flow):
        return RectifiedFlowScheduler()
    if sampler == "perflow" or (sampler is None and is_perflow(config)):
        return PeRFlowScheduler.of(config)
    name, settings = SAMPLERS[sampler] if sampler else (config["_class_name"], {})
    kind = getattr(diffusers, name)
    known = inspect.signature(kind.__init__).parameters
    return kind.from_config(config, **settings, **{key: OF_LATENTS[key] for key in OF_LATENTS if key in known})


def sampler_name(config: dict[str, Any], rectified_flow: bool = False) -> str:
    """Return our name for the scheduler a model folder asks for, or its class name if it is none of ours."""
    if rectified_flow:
        return "rectified_flow"
    if is_perflow(config):
        return "perflow"
    wanted = config["_class_name"]
    return next((name for name, (class_name, _) in SAMPLERS.items() if class_name == wanted), wanted)
