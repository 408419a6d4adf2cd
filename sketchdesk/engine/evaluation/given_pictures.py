"""A folder of pictures in a model's place: which of them answers which prompt and seed of a study."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.drawing import Key
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.images.metadata import image_files, read_record


def pictures_by_prompt(folder: Path) -> dict[str, list[tuple[int | None, Path]]]:
    """Return prompt → (seed, picture): as the pictures say themselves, else as the captions beside them do.

    A picture whose prompt is nowhere is left out. Raises SketchDeskError(NO_IMAGES) where there is no image.
    """
    files = image_files(folder)
    if not files:
        raise SketchDeskError(ErrorKind.NO_IMAGES, str(folder))
    found: dict[str, list[tuple[int | None, Path]]] = {}
    untold = []
    for file in files:
        record = read_record(file)
        if record and record.prompt:
            found.setdefault(record.prompt, []).append((record.seed, file))
        else:
            untold.append(file)
    captions = _captions(folder) if untold else {}
    for file in untold:
        if caption := captions.get(file):
            found.setdefault(caption, []).append((None, file))
    return found


def _captions(folder: Path) -> dict[Path, str]:
    """Return picture → the caption beside it, in any layout a data set may have."""
    try:
        items = list(open_source(str(folder)).items)
    except SketchDeskError:
        return {}
    return {read: item.caption.strip() for item in items if item.caption and isinstance(read := item.read(), Path)}


def given(folder: Path, prompts: Sequence[str], seeds: Sequence[int]) -> dict[Key, Path]:
    """Return (prompt, seed) → picture. A picture that says no seed stands at the study's next free one for its prompt.

    Raises SketchDeskError: NO_IMAGES where there is no image, BAD_INPUT where none is of these prompts.
    """
    by_prompt = pictures_by_prompt(folder)
    found: dict[Key, Path] = {}
    for prompt in prompts:
        said = {seed: file for seed, file in by_prompt.get(prompt, ()) if seed in seeds}
        free = iter([seed for seed in seeds if seed not in said])
        found |= {(prompt, seed): file for seed, file in said.items() if seed is not None}
        unsaid = [file for seed, file in by_prompt.get(prompt, ()) if seed is None]
        found |= {(prompt, seed): file for seed, file in zip(free, unsaid, strict=False)}
    if not found:
        message = _("No picture in “{folder}” is of a prompt and seed of the study.").format(folder=folder)
        raise SketchDeskError(ErrorKind.BAD_INPUT, message)
    return found
