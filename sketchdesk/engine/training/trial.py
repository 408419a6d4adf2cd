"""The trial of a training: two real steps of it, for what they take of memory and time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob, TrialJob
from sketchdesk.contracts.text import _
from sketchdesk.engine import memory
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.encoding import ENCODE_PIXELS
from sketchdesk.engine.training.loop import Trainer
from sketchdesk.engine.training.memory_told import forecast_gib
from sketchdesk.engine.training.ranks import Ranks
from sketchdesk.engine.training.ready import ready
from sketchdesk.engine.training.watching import draw_watched
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.training.trials import PREFIX, drop_left

STEPS = 2
"""The optimiser's state is made in the first, so the second is the first that holds everything."""
DRAW_STEPS = 2
"""Of the prompts to watch: memory is the same however many there are."""


def run(job: TrialJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Do the steps, and draw once if the training would; return what was measured beside what was forecast.

    Only the pictures of these steps are read; what is encoded of them is kept for the training itself. What earlier
    trials left whose engines were killed is deleted.
    """
    drop_left()
    ranks = Ranks()
    with tempfile.TemporaryDirectory(
        prefix=PREFIX, dir=reporter.run_dir, ignore_cleanup_errors=True  # Windows keeps an average that is mapped
    ) as folder:
        training = _cut_down(job.training, Path(folder))
        draws = bool(training.validation_prompts)
        with ready(training, ranks, reporter, 4 if draws else 3) as made:
            trainer = made.trainer(training, made.data, ranks, reporter)
            reporter.stage("training", 2, 4 if draws else 3)
            marks = [reporter.elapsed_s]
            trainer.run(reporter, lambda _step: marks.append(reporter.elapsed_s))
            if draws:
                reporter.stage("drawing", 3, 4)
                _draw(trainer, made.resolution, reporter)
            measured = memory.peak_gib(made.placement.device)
            path = resolve_model(training.model)
            forecast = forecast_gib(training, path, made.placement, len(made.data.examples))
    step_s = marks[-1] - marks[-2]
    images = training.train_batch_size * training.gradient_accumulation_steps
    return {
        "steps": trainer.step, "step_s": step_s, "images_per_s": images / step_s, "memory_gib": measured,
        "memory_forecast_gib": forecast,
    }  # fmt: skip


def _cut_down(training: TrainJob, folder: Path) -> TrainJob:
    """Return the training with as many steps and pictures as a trial needs, in a folder of its own.

    A reward counts from the first step on, so that its memory is seen.
    """
    side = training.resolution or model_facts(resolve_model(training.model)).sample_size_px
    shown = STEPS * training.train_batch_size * training.gradient_accumulation_steps
    pictures = max(shown, ENCODE_PIXELS // side**2)
    return msgspec.structs.replace(
        training, out_dir=str(folder), max_train_steps=STEPS, validation_share=0.0, reward_start_step=0, resume=False,
        fork_from="", tracker="", max_train_samples=min(pictures, training.max_train_samples or pictures),
    )  # fmt: skip


def _draw(trainer: Trainer, resolution: int, reporter: Reporter) -> None:
    """Draw as the training would; where that fails it would go on without, and so does its trial."""
    try:
        draw_watched(trainer, resolution, DRAW_STEPS)
    except (RuntimeError, MemoryError, SketchDeskError) as error:
        reporter.notice(_("Samples at step {step} were skipped: {reason}").format(step=STEPS, reason=error), "warning")
