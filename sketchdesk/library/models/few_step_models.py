"""Which models here draw in one step or a few, and which of many steps each is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from sketchdesk.contracts.jobs import DistillJob, LoraUse, StudyModel
from sketchdesk.library.evaluation.studies import draws
from sketchdesk.library.models.families import FAMILIES
from sketchdesk.library.models.few_steps import few_steps_of
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.runs.runs import list_runs

MOST_STEPS = 8
DEMO_BASE = "demo-base"


class FewAndMany(NamedTuple):
    """A model of few steps, and one of many to compare it with, by what resolve_model takes."""

    few: StudyModel
    many: str


def few_step_pair(models: Sequence[ModelEntry]) -> FewAndMany | None:
    """Return the few-step model to compare, with what it is compared with; None where there is none.

    First the one that was distilled here last, against its teacher; then a model of one step, such as InstaFlow; then a
    LoRA for few steps on the base, against the base without it. The run folders are read.
    """
    usable = [model for model in models if draws(model)]
    return _distilled(usable) or _of_few_steps(usable) or _with_lora(models, usable)


def _distilled(models: Sequence[ModelEntry]) -> FewAndMany | None:
    by_path = {model.path.resolve(): model for model in models}
    for run in reversed(list_runs()):
        if isinstance(run.job, DistillJob) and (found := by_path.get(Path(run.job.out_dir, "model").resolve())):
            steps = run.job.student_steps
            few = StudyModel(name="few", model=found.name, num_inference_steps=steps, guidance_scale=0.0)
            return FewAndMany(few, run.job.model)
    return None


def _of_few_steps(models: Sequence[ModelEntry]) -> FewAndMany | None:
    fast = [model for model in models if _steps(model) <= MOST_STEPS]
    many = _many(models)
    if not fast or many is None:
        return None
    newest = max(fast, key=lambda model: model.origin == "own")
    return FewAndMany(StudyModel(name="few", model=newest.name, num_inference_steps=_steps(newest)), many)


def _with_lora(models: Sequence[ModelEntry], usable: Sequence[ModelEntry]) -> FewAndMany | None:
    many = _many(usable)
    for model in models if many else ():
        found = few_steps_of(str(model.path)) if model.family == "lora" and not model.problem else None
        if found and many:
            few = StudyModel(
                name="few", model=many, loras=(LoraUse(path=str(model.path)),), sampler=found.sampler,
                num_inference_steps=found.num_inference_steps, guidance_scale=found.guidance_scale,
            )  # fmt: skip
            return FewAndMany(few, many)
    return None


def _many(models: Sequence[ModelEntry]) -> str | None:
    names = [model.name for model in models if _steps(model) > MOST_STEPS]
    return DEMO_BASE if DEMO_BASE in names else next(iter(names), None)


def _steps(model: ModelEntry) -> int:
    family = FAMILIES.get(model.variant)
    return family.num_inference_steps if family else 25
