"""Stable Diffusion models of every source: a folder or a single file, with LoRAs and learnt words added to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.engine.models.embeddings import add_embeddings
from sketchdesk.engine.models.folder import load_folder
from sketchdesk.engine.models.lora import fuse_loras
from sketchdesk.engine.models.parts import DEFAULTS_FILE, Defaults, StableDiffusion, as_pipeline
from sketchdesk.engine.models.saving import save_tuned
from sketchdesk.engine.models.single_file import load_single_file

__all__ = ["DEFAULTS_FILE", "Defaults", "StableDiffusion", "as_pipeline", "load_stable_diffusion", "save_tuned"]


def load_stable_diffusion(
    path: Path,
    device: torch.device,
    dtype: torch.dtype,
    loras: Sequence[LoraUse] = (),
    embeddings: Sequence[str] = (),
    allow_pickle: bool = False,
) -> StableDiffusion:
    """Load a model folder in diffusers' layout, or a single file, and add LoRAs and textual-inversion embeddings.

    Only safetensors unless `allow_pickle`, and even then nothing that runs code. Raises SketchDeskError:
    UNSAFE_WEIGHTS, CODE_IN_WEIGHTS, MODEL_INCOMPLETE, FAMILY_UNKNOWN, MODEL_UNREADABLE, and for adapters also
    ADAPTER_MISSING and ADAPTER_MISFIT.
    """
    load = load_single_file if path.is_file() else load_folder
    model = load(path, dtype, allow_pickle)
    if loras:
        fuse_loras(model, loras, allow_pickle)
    if embeddings:
        add_embeddings(model, embeddings, allow_pickle)
    return model.to(device)
