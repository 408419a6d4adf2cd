"""Which models the runs of the data folder work with."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.jobs import DistillJob, EvaluateJob, GenerateJob, Job, StudyJob, TrainJob
from sketchdesk.library.models.installed import ModelEntry
from sketchdesk.library.paths import training_dir
from sketchdesk.library.runs.runs import Run, list_runs
from sketchdesk.library.training.checkpoints import title_of

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
    if not Path(entry.name).is_absolute():
        return entry.name
    if title := title_of(entry.path):
        return title
    if entry.path.parent.parent == training_dir():
        return entry.path.parent.name
    return entry.path.name


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
