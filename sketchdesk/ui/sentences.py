"""Jobs, states, stages and times in words."""

from __future__ import annotations

from sketchdesk.contracts.events import StageChanged, StepDone
from sketchdesk.contracts.jobs import (
    CaptionJob,
    ConvertJob,
    DistillJob,
    DownloadJob,
    EvaluateJob,
    GenerateJob,
    Job,
    StudyJob,
    TrainJob,
    TrialJob,
)
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.runs.state import RunState
from sketchdesk.ui.numbers import number_text, size_text

_STATES = {
    RunState.QUEUED: N_("waiting"),
    RunState.RUNNING: N_("working"),
    RunState.PAUSED: N_("paused"),
    RunState.CANCELLING: N_("stopping"),
    RunState.DONE: N_("done"),
    RunState.FAILED: N_("failed"),
    RunState.CANCELED: N_("canceled"),
    RunState.INTERRUPTED: N_("interrupted"),
}

_STAGES = {
    "loading": N_("loading the model"),
    "drawing": N_("drawing"),
    "encoding": N_("reading the data set"),
    "validating": N_("validating"),
    "training": N_("training"),
    "saving": N_("saving"),
    "scoring": N_("scoring"),
    "measuring": N_("measuring"),
    "timing": N_("timing the models"),
    "writing": N_("writing the report"),
    "probing": N_("looking at the devices"),
    "asking": N_("asking the hub"),
    "checking": N_("checking what is here"),
    "downloading": N_("downloading"),
    "captioning": N_("writing captions"),
    "pairs": N_("drawing pairs"),
    "reflow": N_("reflow"),
    "distillation": N_("distillation"),
    "matching": N_("matching"),
    "reading": N_("reading the file"),
}

_MAIN_STAGES = ("training", "drawing", "downloading", "captioning")
"""What a job is for: its steps need no name."""

_KINDS: dict[type[Job], tuple[str, str]] = {
    GenerateJob: (N_("Draw “{title}”"), "brush"),
    TrainJob: (N_("Train “{title}”"), "graduation-cap"),
    TrialJob: (N_("Try “{title}”"), "play"),
    EvaluateJob: (N_("Score “{title}”"), "gauge"),
    StudyJob: (N_("Study “{title}”"), "flask-conical"),
    DistillJob: (N_("Distil “{title}”"), "zap"),
    CaptionJob: (N_("Caption “{title}”"), "message-square-text"),
    DownloadJob: (N_("Download “{title}”"), "download"),
    ConvertJob: (N_("Convert “{title}”"), "package"),
}


def job_text(job: Job, title: str) -> str:
    """Return what a job does, with its title: Train “sketch-lora”."""
    title = title_text(job, title)
    return _(_KINDS[type(job)][0]).format(title=title) if type(job) in _KINDS else title


def title_text(job: Job, title: str) -> str:
    """Return a job's title; that of a study which is one click away is told in the language in use."""
    return _(title) if isinstance(job, StudyJob) and title else title


def job_icon(job: Job) -> str:
    """Return the name of the icon for this kind of job."""
    return _KINDS[type(job)][1] if type(job) in _KINDS else "cpu"


def stage_text(stage: str) -> str:
    """Return a stage as the person reads it; one that is not known here stays as it is."""
    return _(_STAGES[stage]) if stage in _STAGES else stage


def progress_text(stage: StageChanged | None, step: StepDone | None, in_parts: bool = False) -> str:
    """Return how far a job is: its steps, in a stage that only prepares them with its name, or the stage alone.

    `in_parts`: the job does the same several times over, each time from the first step; it is told which time it is.
    """
    if stage is None:
        return step_text(step) if step else _("starting")
    parts = [_("part {part} of {parts}").format(part=stage.index + 1, parts=stage.total)] if in_parts else []
    if step is None or stage.stage not in _MAIN_STAGES:
        parts.append(stage_text(stage.stage))
    if step is not None:
        parts.append(step_text(step))
    return " · ".join(parts)


def step_text(step: StepDone) -> str:
    """Return how far, how fast and how long still: step 212 of 600 · 1.8 a second · 4 min left; or in bytes."""
    if step.unit == "byte":
        parts = [_("{size} of {total}").format(size=size_text(step.step), total=size_text(step.total))]
    else:
        parts = [_("step {step} of {total}").format(step=number_text(step.step), total=number_text(step.total))]
    if step.rate_per_s:
        speed = _("{size}/s").format(size=size_text(round(step.rate_per_s)))
        parts.append(speed if step.unit == "byte" else rate_text(step.rate_per_s))
    if step.eta_s is not None and step.step < step.total:
        parts.append(time_left_text(step.eta_s))
    return " · ".join(parts)


def rate_text(rate_per_s: float) -> str:
    """Return a speed, by the second or by the minute, whichever says more."""
    if rate_per_s >= 0.5:
        return _("{rate} a second").format(rate=number_text(rate_per_s, 1 if rate_per_s < 10 else 0))
    return _("{rate} a minute").format(rate=number_text(rate_per_s * 60, 1))


def state_text(state: RunState) -> str:
    """Return the state as the person reads it."""
    return _(_STATES[state])


def time_left_text(eta_s: float) -> str:
    """Return how long it will still take, rounded to what matters."""
    seconds = round(eta_s)
    if seconds < 60:
        return _("{seconds} s left").format(seconds=seconds)
    if seconds < 3600:
        return _("{minutes} min left").format(minutes=round(seconds / 60))
    return _("{hours} h {minutes} min left").format(hours=seconds // 3600, minutes=seconds % 3600 // 60)
