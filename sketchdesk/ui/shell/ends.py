"""The end of a job as a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from sketchdesk.contracts.events import JobEnded
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
from sketchdesk.contracts.text import N_, _, ngettext
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.training.trials import trial_text
from sketchdesk.ui.message import Level, Message
from sketchdesk.ui.sentences import job_text, title_text

_LEVELS: dict[str, Level] = {"done": "good", "failed": "error", "canceled": "info"}


def message_of_end(run: Run, ended: JobEnded, show: Callable[[], object]) -> Message | None:
    """Return what to say when a job has ended, None for nothing; `show` opens where its results are."""
    if ended.state == "done":
        text = ended.message or _done_text(run, ended)
        return Message(text, ended.next_step, level="good", action_text=_("Show"), action=show)
    if not ended.message or (isinstance(run.job, TrialJob) and ended.state == "canceled"):  # nothing is kept of one
        return None
    text = _("{job}: {message}").format(job=job_text(run.job, run.title), message=ended.message)
    return Message(text, ended.next_step, ended.details, _LEVELS[ended.state])


def interrupted_message(runs: Sequence[Run], show: Callable[[Run], object]) -> Message:
    """Return the offer to go on with what an earlier window left; `show` selects the newest on the list."""
    count = len(runs)
    return Message(
        ngettext(
            "{count} job was interrupted when SketchDesk ended.",
            "{count} jobs were interrupted when SketchDesk ended.",
            count,
        ).format(count=count),
        _("Resume or stop it in the list of jobs."),
        level="warning",
        action_text=_("Show"),
        action=partial(show, runs[-1]),
    )


def unsaved_message(count: int, show: Callable[[], object]) -> Message:
    """Return the offer to look through pictures that an earlier window drew without keeping; `show` shows them."""
    return Message(
        ngettext(
            "{count} picture that was drawn without keeping it is still here.",
            "{count} pictures that were drawn without keeping them are still here.",
            count,
        ).format(count=count),
        _("Save or drop them in the gallery."),
        action_text=_("Show"),
        action=show,
    )


_DONE: dict[type[Job], str] = {
    TrainJob: N_("The training “{title}” is done."),
    StudyJob: N_("The study “{title}” is done."),
    EvaluateJob: N_("The images were scored."),
    DistillJob: N_("The few-step model “{title}” is done."),
    CaptionJob: N_("The captions for “{title}” are written."),
    DownloadJob: N_("“{title}” is here, complete and checked."),
    ConvertJob: N_("“{title}” was converted to safetensors; the old file is as it was."),
}


def _done_text(run: Run, ended: JobEnded) -> str:
    if isinstance(run.job, GenerateJob):
        count = int(ended.result.get("images") or 0)
        if count and not run.job.keep:
            return ngettext(
                "{count} image was drawn; it waits in the gallery until you save or drop it.",
                "{count} images were drawn; they wait in the gallery until you save or drop them.",
                count,
            ).format(count=count)
        if count:
            return ngettext("{count} image was drawn.", "{count} images were drawn.", count).format(count=count)
        return _("The images were drawn.")
    if isinstance(run.job, TrialJob):
        return _("“{title}” was tried. {measured}").format(title=run.title, measured=trial_text(ended.result))
    return _(_DONE.get(type(run.job), N_("“{title}” is done."))).format(title=title_text(run.job, run.title))
