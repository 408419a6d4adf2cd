"""What is added to a model, LoRAs and learnt words: which of the two a file is, and why it cannot be used."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import locate
from sketchdesk.library.models.kind import kind_of
from sketchdesk.library.models.weights import METADATA_KEY, UNSAFE_SUFFIXES, safetensors_header

Added = Literal["lora", "embedding"]


def problems_of(job: GenerateJob) -> dict[str, str]:
    """Return why files of a job cannot be used, by their names as the job has them; reads their headers."""
    asked: Iterable[tuple[str, Added]] = (
        *((lora.path, "lora") for lora in job.loras), *((name, "embedding") for name in job.embeddings),
    )  # fmt: skip
    found = ((name, why_not_added(name, family, job.allow_pickle)) for name, family in asked)
    return {name: reason for name, reason in found if reason}


def why_not_added(name: str, family: Added, allow_pickle: bool = False) -> str:
    """Return why a file, or a folder or hub id of one, cannot be used as a LoRA or an embedding, "" where it can.

    What only the weights themselves tell, such as vectors of another width, is told when they are loaded.
    """
    path = locate(name)
    if path is None:
        return _("This file is not there any more.")
    if path.is_dir():
        return ""
    if path.suffix.lower() in UNSAFE_SUFFIXES:
        return "" if allow_pickle else _("An old kind of file that can run code; allow it under More settings.")
    return _wrong_kind(path, family)


def added_kind(path: Path) -> Added | None:
    """Return what a safetensors file adds to a model, None where it is something else, such as a whole model.

    Raises SketchDeskError(MODEL_UNREADABLE) for a broken file.
    """
    family = kind_of(path).family
    if family == "lora":
        return "lora"
    # One tensor is a word, of whatever width the model's words are.
    is_word = family == "embedding" or (not family and len(safetensors_header(path).keys() - {METADATA_KEY}) == 1)
    return "embedding" if is_word else None


def _wrong_kind(path: Path, family: Added) -> str:
    try:
        found = added_kind(path)
    except SketchDeskError:
        return _("This file is broken or cut short.")
    if found == family:
        return ""
    return _("This file is no LoRA.") if family == "lora" else _("There are no learnt words in this file.")
