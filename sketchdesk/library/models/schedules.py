"""The noise schedule a model brings along, in the few settings that tell it from every other model's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.models.families import SCHEDULE, scheduler_config
from sketchdesk.library.models.ldm_layout import read_layout
from sketchdesk.library.models.single_file import shapes_of, single_file_family, told_prediction
from sketchdesk.library.models.weights import SAFE_SUFFIX, safetensors_header

CLASS_KEY = "_class_name"
RECTIFIED_FLOW = {CLASS_KEY: "RectifiedFlowScheduler"}


def unusual(config: Mapping[str, Any], rectified_flow: bool = False) -> dict[str, Any]:
    """Return what a scheduler's configuration has beyond the usual schedule of Stable Diffusion, its class included."""
    if rectified_flow:
        return RECTIFIED_FLOW
    told = {name: value for name, value in config.items() if not name.startswith("_") or name == CLASS_KEY}
    return {name: value for name, value in told.items() if name not in SCHEDULE or SCHEDULE[name] != value}


def schedule_of_file(path: Path) -> dict[str, Any] | None:
    """Return what is unusual about the schedule a single safetensors file is drawn by; None where it does not say.

    It is not in the file alone: a person may have said what the file predicts. Never raises.
    """
    if not path.is_file() or path.suffix.lower() != SAFE_SUFFIX:
        return None
    try:
        header = safetensors_header(path)
        predicts = told_prediction(path, header)
        if predicts is None:
            return None
        family = single_file_family(path, read_layout(shapes_of(header), path.name).open_clip, predicts)
    except SketchDeskError:
        return None
    wanted = "v_prediction" if predicts == "v_prediction" else "epsilon"
    return unusual(scheduler_config(family, wanted), family.rectified_flow)
