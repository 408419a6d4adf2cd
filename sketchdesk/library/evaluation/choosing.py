"""Choosing among the models of a study: which one is proposed and why, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _, ngettext
from sketchdesk.library.evaluation.finding_words import interval_words, model_name
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Standing
from sketchdesk.library.evaluation.studies import ModelFindings, VariantFindings
from sketchdesk.library.trash.folder_trash import FolderBatch, trash_folders
from sketchdesk.library.wording.number_words import number, signed

FIDELITY = "cosine"
STYLES = ("style_set", "style_prompt")


class Place(Struct, frozen=True, kw_only=True):
    """Where one model stands between style and fidelity to the prompts."""

    model: str
    fidelity: float
    style: float
    is_on_front: bool
    """Whether no other model has more of both."""


class Proposal(Struct, frozen=True, kw_only=True):
    """The model that is proposed."""

    model: str
    why: str
    """In the language in use."""


def places(variant: VariantFindings) -> list[Place]:
    """Return each model's place, by style; none where no style was measured.

    Style is what a style metric says, else the share of pictures the captioner calls a drawing.
    """
    fidelity = {one.model: one.mean.mean for one in variant.leaderboards.get(FIDELITY, ())}
    style = _style(variant)
    found = [(model, fidelity[model], style[model]) for model in fidelity if model in style]
    return sorted(
        (
            Place(
                model=model, fidelity=high, style=far,
                is_on_front=not any(h >= high and f >= far and (h > high or f > far) for _m, h, f in found),
            )
            for model, high, far in found
        ),
        key=lambda place: place.style,
    )  # fmt: skip


def style_is_measured(variant: VariantFindings) -> bool:
    """Tell whether a style metric measured the style; else it is the captioner's word."""
    return any(metric in variant.leaderboards for metric in STYLES)


def _style(variant: VariantFindings) -> dict[str, float]:
    for metric in STYLES:
        if metric in variant.leaderboards:
            return {one.model: one.mean.mean for one in variant.leaderboards[metric]}
    return {model.name: share for model in variant.models if (share := _drawing_share(model)) is not None}


def _drawing_share(model: ModelFindings) -> float | None:
    return model.called_drawings / model.captioned if model.captioned else None


def propose(variant: VariantFindings, base: str = BASE_AND_TUNED.base) -> Proposal | None:
    """Return the model to take, never the base, and why; None where there is no other, or nothing was measured.

    Among those not told apart from the best at fitting the prompts it is the one with the most style; where no style
    was measured, the best.
    """
    board = _choices(variant, base)
    if not board:
        return None
    best, style = board[0], _style(variant)
    alike = _alike(board)
    chosen = max(alike, key=lambda one: style.get(one.model, 0.0)) if style else best
    names = {"model": model_name(chosen.model), "best": model_name(best.model), "mean": number(chosen.mean.mean)}
    if chosen is best:
        if len(alike) == 1 and len(board) > 1:
            why = _("{model} fits the prompts best ({mean}); every other is told apart from it.").format(**names)
        elif len(board) > 1:
            words = ngettext(
                "{model} fits the prompts best ({mean}), though {count} other is not told apart from it.",
                "{model} fits the prompts best ({mean}), though {count} others are not told apart from it.",
                len(alike) - 1,
            )
            why = words.format(count=len(alike) - 1, **names)
        else:
            why = _("{model} is the only one to choose ({mean}).").format(**names)
    else:
        words = _("{model} has the most style of those that fit the prompts as well as {best}, as far as can be told")
        difference = f" ({signed(chosen.to_best.mean)}, {interval_words(chosen.to_best)})" if chosen.to_best else ""
        why = words.format(**names) + f"{difference}."
    return Proposal(model=chosen.model, why=why)


def _choices(variant: VariantFindings, base: str) -> Sequence[Standing]:
    """Return the models but the base, the best first, each compared with that one.

    Older files compare all with the first of all models. Where that is the base, they tell none of the others apart.
    """
    everyone = variant.leaderboards.get(FIDELITY, ())
    others = [one for one in everyone if one.model != base]
    if variant.choices or len(others) == len(everyone) or everyone[0].model != base:
        return variant.choices or others
    return [msgspec.structs.replace(one, to_best=None, may_be_best=True) for one in others]


def _alike(board: Sequence[Standing]) -> list[Standing]:
    """Return the first and those that are not told apart from it."""
    return [one for place, one in enumerate(board) if place == 0 or one.may_be_best]


def model_paths(job: StudyJob | EvaluateJob) -> dict[str, str]:
    """Return name in the tables → what resolve_model takes; folders of pictures are left out."""
    models = job.models if isinstance(job, StudyJob) else ()
    return {model.name: model.model for model in models if model.model}


def checkpoint_of(model: str) -> Path | None:
    """Return the checkpoint's folder where a model is one that is on this disk, else None."""
    path = Path(model)
    for folder in (path, path.parent):
        if folder.name.startswith("checkpoint-") and folder.parent.name == "checkpoints" and folder.is_dir():
            return folder
    return None


def trash_checkpoints(folders: Iterable[Path]) -> FolderBatch:
    """Move checkpoints to the trash; return the batch, for restore_folders.

    Raises SketchDeskError: BAD_INPUT for what is no checkpoint, DISK_FULL, NOT_WRITABLE; all are where they were then.
    """
    wanted = list(folders)
    for folder in wanted:
        if checkpoint_of(str(folder)) != folder:
            raise SketchDeskError(ErrorKind.BAD_INPUT, _("“{folder}” is no checkpoint.").format(folder=folder))
    return trash_folders(wanted)
