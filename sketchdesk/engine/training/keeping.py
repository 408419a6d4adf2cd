"""When a training's state is kept, and what a training goes on from."""

from __future__ import annotations

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import CheckpointSaved
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.checkpoint import load_state, newest_state, save_checkpoint
from sketchdesk.engine.training.drawable import Kept, as_model
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints, name_of, note_val_loss

LOOK_S = 1.0
"""How often a full disk is looked at."""
TRY_S = 30.0
"""A disk that says it has no more room than before may have it all the same: quotas."""


class Keeper:
    """Saves a trainer's state in its run's folder, and waits where the disk is full."""

    def __init__(self, trainer: Kept, out: Path, reporter: Reporter) -> None:
        self._trainer, self._folder, self._name, self._reporter = trainer, out / FOLDER, out.name, reporter
        self._saved_at = trainer.step

    def save(self) -> None:
        """Save, once there is room for it. Raises Cancelled where the person does not wait for that."""
        waited = False
        while not self._saved():
            if not waited:
                self._reporter.notice(
                    _("The disk is full: the training waits, and goes on by itself when there is room. "
                      "The checkpoints it has saved are intact."),
                    "warning",
                )  # fmt: skip
            waited = True
            self._wait()
        if waited:
            self._reporter.notice(_("There is room again; the training goes on."))

    def save_at_the_end(self) -> None:
        """Save what was done since the last time, if the disk has room: for a training that is cut short."""
        if self._trainer.step > self._saved_at and not self._saved():
            self._reporter.notice(
                _("The disk is full: the last steps could not be saved, only what earlier checkpoints hold."), "warning"
            )

    def note(self, val_loss: float) -> None:
        """Write the loss on what was held out into this step's checkpoint, by which the best are kept."""
        if self._saved_at == self._trainer.step:
            with suppress(SketchDeskError):  # none of this step, or no room: it then counts as not known
                note_val_loss(self._folder / name_of(self._trainer.step), val_loss)

    def _saved(self) -> bool:
        """Save and tell where; False where the disk is full."""
        trainer, state = self._trainer, self._trainer.state_dict()
        files, add = as_model(trainer, state, self._folder, self._name)
        try:
            path = save_checkpoint(
                self._folder, trainer.step, state, trainer.job.checkpoints_total_limit, files, add
            )
        except SketchDeskError as error:
            if error.kind is not ErrorKind.DISK_FULL:
                raise
            return False
        self._saved_at = trainer.step
        self._reporter.emit(CheckpointSaved(step=trainer.step, path=str(path)))
        return True

    def _wait(self) -> None:
        """Wait until the disk has more room than now, or for a while."""
        free, waited_s = _free_bytes(self._folder), 0.0
        while waited_s < TRY_S and _free_bytes(self._folder) <= free:
            self._reporter.wait(LOOK_S)
            waited_s += LOOK_S


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists())).free


def check_start(job: TrainJob, out: Path) -> None:
    """Make sure that there is something to go on from, or that nothing is written over.

    Raises SketchDeskError: NOTHING_TO_RESUME; BAD_INPUT for a new training in the folder of an old one.
    """
    found = checkpoints(out / FOLDER)
    if job.resume and not found:
        raise SketchDeskError(ErrorKind.NOTHING_TO_RESUME, str(out))
    if found and not job.resume:
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("“{folder}” already holds a run with checkpoints: resume it, or choose another folder.").format(
                folder=out
            ),
        )


def state_to_go_on_from(job: TrainJob, out: Path, reporter: Reporter) -> dict[str, Any] | None:
    """Return the state of the newest whole checkpoint if the job resumes; the damaged ones before it are told.

    A fork begins with its checkpoint's. Raises SketchDeskError(MODEL_UNREADABLE) where none is whole.
    """

    def tell(damaged: Path) -> None:
        sentence = _("The checkpoint “{name}” is damaged; the one before it is taken.")
        reporter.notice(sentence.format(name=damaged.name), "warning")

    if job.resume:
        found = newest_state(out / FOLDER, tell)
        return found[1] if found else None
    return load_state(Path(job.fork_from).expanduser()) if job.fork_from else None
