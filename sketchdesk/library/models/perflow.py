"""Models of PeRFlow, piecewise rectified flow (Yan et al., arXiv 2405.07510), as their configurations tell.

The path from noise to picture is straightened in each of a few windows of time, so that as many steps draw. What such
a U-Net says is one of PREDICTIONS (engine.sampling.perflow). A scheduler_config.json names PERFLOW_CLASS, or the
folder, file or repository is called as its makers call theirs: those name a stock scheduler, to be replaced.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from sketchdesk.library.files.loose import mapping, whole

PERFLOW_CLASS = "PeRFlowScheduler"
PeRFlowPrediction = Literal["ddim_eps", "diff_eps", "velocity"]
WINDOWS = 4
_USE = """\
It draws by PeRFlow's sampler (arXiv 2405.07510): the path from noise to picture is straight in each of {windows} \
windows of time, so that it takes {windows} steps or more. SketchDesk draws with it as it is. In diffusers its \
networks load; the scheduler is its makers' `src/scheduler_perflow.py`, to be had from \
github.com/magic-research/piecewise-rectified-flow:

```python
from diffusers import StableDiffusionPipeline
from scheduler_perflow import PeRFlowScheduler

pipeline = StableDiffusionPipeline.from_pretrained("{name}")
{lora}pipeline.scheduler = PeRFlowScheduler.from_config(pipeline.scheduler.config)
pipeline("{prompt}", num_inference_steps={steps}, guidance_scale={guidance:g}).images[0].save("picture.png")
```"""
_PUBLISHED = re.compile(r"perflow[-_]sd(15|21)", re.IGNORECASE)
_SAYS: dict[str, PeRFlowPrediction] = {"15": "diff_eps", "21": "velocity"}
"""What the published models predict, by the Stable Diffusion they were made from."""


def is_perflow(scheduler: Mapping[str, Any]) -> bool:
    """Tell whether a scheduler's configuration is PeRFlow's."""
    return scheduler.get("_class_name") == PERFLOW_CLASS


def published_prediction(name: str) -> PeRFlowPrediction | None:
    """Return what a model predicts that goes by the name of a published one; None for another name."""
    found = _PUBLISHED.search(name)
    return _SAYS[found[1]] if found else None


def drawn_by(scheduler: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the scheduler configuration a model folder of that name is drawn with: its own, or PeRFlow's."""
    if is_perflow(scheduler) or (says := published_prediction(name)) is None:
        return dict(scheduler)
    return {**scheduler, "_class_name": PERFLOW_CLASS, "prediction_type": says, "num_time_windows": WINDOWS}


def check_perflow(scheduler: Mapping[str, Any]) -> None:
    """Raise ValueError for a configuration of PeRFlow's scheduler that cannot be drawn with."""
    if not is_perflow(scheduler):
        return
    says, windows = scheduler.get("prediction_type", "ddim_eps"), scheduler.get("num_time_windows", WINDOWS)
    times = scheduler.get("num_train_timesteps", 1000)
    if says not in get_args(PeRFlowPrediction):
        raise ValueError(f"{PERFLOW_CLASS} has no prediction_type {says!r}")
    if not (isinstance(windows, int) and isinstance(times, int) and 1 <= windows <= times):
        raise ValueError(f"{PERFLOW_CLASS} has no {windows!r} windows of {times!r} timesteps")


def perflow_use(
    folder: Path, name: str, prompt: str, num_inference_steps: int, guidance_scale: float, lora: str = ""
) -> str:
    """Return what a card says of drawing with a model of that name, with a LoRA perhaps; "" for one that is no PeRFlow.

    `folder` is where the model lies. Never raises. In English, as model cards are.
    """
    try:
        scheduler = mapping(msgspec.json.decode((folder / "scheduler" / "scheduler_config.json").read_bytes()))
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return ""
    if not is_perflow(scheduler):
        return ""
    return _USE.format(
        name=name, prompt=prompt, steps=num_inference_steps, guidance=guidance_scale,
        windows=whole(scheduler.get("num_time_windows")) or WINDOWS,
        lora=f'pipeline.load_lora_weights("{lora}")\n' if lora else "",
    )  # fmt: skip
