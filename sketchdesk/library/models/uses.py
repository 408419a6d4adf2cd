"""Which models the runs of the data folder work with."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.jobs import DistillJob, EvaluateJob, GenerateJob, Job, StudyJob, TrainJob
from sketchdesk.library.models.called import short_of
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.runs.runs import Run, list_runs

Uses = dict[str, tuple[Run, ...]]
"""Runs, the newest first, by the model's name as jobs write it."""


def model_uses() -> Uses:
    """Return the runs that work with each model. Reads every run's job."""
    uses: Uses = {}
    for run in list_runs():
        for name in _names(run.job):
            uses[name] = (run, *uses.get(name, ()))
    return uses


def uses_of(entry: ModelEntry, uses: Uses) -> tuple[Run, ...]:
    """Return the runs of one model, by whichever of its names they know it."""
    return uses.get(entry.name) or uses.get(str(entry.path)) or ()


def short_name(entry: ModelEntry) -> str:
    """Return what to call a model in a list: what a training made is called by its run."""
    return short_of(entry.path) if Path(entry.name).is_absolute() else entry.name


def _names(job: Job) -> set[str]:
    match job:
        case GenerateJob():
            return {job.model, *(lora.path for lora in job.loras), *job.embeddings}
        case TrainJob():
            return {job.model}
        case DistillJob():
            return {job.model, *(lora.path for lora in job.loras)}
        case EvaluateJob():
            return {job.clip_model, job.blip_model}
        case StudyJob():
            loras = {lora.path for model in job.models for lora in model.loras}
            return {model.model for model in job.models} | loras | {job.clip_model, job.blip_model}
    return set()
