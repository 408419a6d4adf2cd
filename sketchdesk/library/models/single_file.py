"""What a single model file says of itself, in its header, its metadata and beside it; no weight is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sketchdesk.library.files.loose import items, mapping, text, whole
from sketchdesk.library.models.families import (
    FAMILIES,
    Family,
    family_of_second,
    is_turbo,
    is_two_rectified_flow,
)
from sketchdesk.library.models.ldm_layout import Shapes
from sketchdesk.library.models.notes import Predicts, read_note
from sketchdesk.library.models.perflow import published_prediction
from sketchdesk.library.models.weights import METADATA_KEY

_PARAMETERIZATION = re.compile(r"^[ \t]*parameterization[ \t]*:[ \t]*[\"']?(\w+)", re.MULTILINE)
_SPEC = {"epsilon": "epsilon", "eps": "epsilon", "v": "v_prediction", "v_prediction": "v_prediction"}


def shapes_of(header: Mapping[str, Any]) -> Shapes:
    """Return the shape of every tensor a safetensors header names."""
    return {
        name: tuple(whole(side) or 0 for side in items(mapping(tensor).get("shape")))
        for name, tensor in header.items()
        if name != METADATA_KEY
    }


def told_prediction(path: Path, header: Mapping[str, Any]) -> Predicts | None:
    """Return what a file's U-Net predicts where something says so, None where its weights must be asked.

    In this order: what the person set; `modelspec.prediction_type` or `modelspec.architecture` in the file's
    metadata; the configuration NAME.yaml beside it, as A1111 reads it; what the weights answered before.
    """
    note = read_note(path)
    if note and note.told_by == "person":
        return note.predicts
    metadata = mapping(header.get(METADATA_KEY))
    if told := _SPEC.get(text(metadata.get("modelspec.prediction_type")).lower()):
        return told  # type: ignore[return-value]
    if text(metadata.get("modelspec.architecture")).lower() == "stable-diffusion-v2-768-v":
        return "v_prediction"
    with suppress(OSError, UnicodeError):
        if told_beside := _PARAMETERIZATION.search(path.with_suffix(".yaml").read_text(encoding="utf-8")):
            return "v_prediction" if told_beside[1] == "v" else "epsilon"
    return note.predicts if note else None


def single_file_family(path: Path, open_clip: bool, predicts: Predicts) -> Family:
    """Return the family of a single file: by its text encoder and what it predicts, and where these leave it open
    (a Turbo; PeRFlow; InstaFlow and what it was distilled from) by its name.

    2.1 with v-prediction is taken for every such file of Stable Diffusion 2: it is the same network, and computing
    attention in full precision, as it does, harms no other.
    """
    if predicts == "velocity":
        return FAMILIES["rectified_flow_2" if is_two_rectified_flow(path.stem) else "instaflow"]
    if not open_clip:
        return FAMILIES["perflow" if predicts == "epsilon" and published_prediction(path.stem) else "sd1"]
    return FAMILIES[family_of_second(predicts, upcast=True, turbo=is_turbo(path.stem))]
