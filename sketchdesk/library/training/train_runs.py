"""The trainings on disk, each in a line: where it stands, how far it came, and what can be done with it.

A distillation is one of them: it learns over steps, keeps checkpoints and ends with a model, as every training does.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import Event, JobStarted, MetricLogged
from sketchdesk.contracts.jobs import DistillJob, TrainJob
from sketchdesk.library.distillation.settings import total_steps
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.runs.events import EVENTS_FILE, last_end
from sketchdesk.library.runs.runs import Run, list_runs, status_of
from sketchdesk.library.runs.state import ACTIVE, RunState
from sketchdesk.library.training.checkpoints import FOLDER, checkpoints, lora_of
from sketchdesk.library.training.forecast import Speed
from sketchdesk.library.training.memory import MemoryPeak

HEAD_BYTES, TAIL_BYTES = 16 * 1024, 128 * 1024
LOSSES = 25
"""The last losses are averaged over so many: one alone says little."""


class Training(Struct, frozen=True, kw_only=True):
    """One training run as a list shows it."""

    run: Run
    state: RunState
    job: TrainJob | DistillJob
    step: int = 0
    loss: float | None = None
    """Mean of the last losses."""
    val_loss: float | None = None
    images_per_s: float | None = None
    device: str = ""
    num_threads: int | None = None
    """With which its engine computed, where it told."""
    memory_gib: float | None = None
    """The most it held, once it is over."""
    checkpoint: int | None = None
    """The step a resume would go on from."""
    checkpoints: tuple[tuple[int, Path], ...] = ()
    """Steps and folders that a fork can go on from, the oldest first."""
    model: Path | None = None
    """The tuned model, once it is there."""
    lora: Path | None = None
    """The LoRA, once it is there; drawn with the model it was trained on."""

    @property
    def total(self) -> int:
        """The optimiser steps it is to do, at least 1."""
        return self.job.max_train_steps if isinstance(self.job, TrainJob) else max(1, total_steps(self.job))

    @property
    def is_active(self) -> bool:
        """Whether a process works on it."""
        return self.state in ACTIVE

    @property
    def speed(self) -> Speed | None:
        """How fast it was, for forecasts of trainings; a distillation's phases have speeds of their own."""
        if not self.images_per_s or not self.device or not isinstance(self.job, TrainJob):
            return None
        return Speed(
            model=self.job.model, device=self.device, resolution=self.job.resolution,
            gradient_checkpointing=self.job.gradient_checkpointing, images_per_s=self.images_per_s,
            job=self.job, threads=Threads(asked=self.job.num_threads, used=self.num_threads),
        )  # fmt: skip

    @property
    def peak(self) -> MemoryPeak | None:
        """What it needed of memory, for forecasts of trainings."""
        if self.memory_gib is None or not self.device or not isinstance(self.job, TrainJob):
            return None
        return MemoryPeak(job=self.job, device=self.device, gib=self.memory_gib)


def list_trainings() -> list[Training]:
    """Return every training of the data folder, the newest first. Reads the disk: not for the window's thread."""
    return [read_training(run) for run in reversed(list_runs()) if isinstance(run.job, TrainJob | DistillJob)]


def read_training(run: Run) -> Training:
    """Return what a training's files say of it; of a long log only the ends are read."""
    assert isinstance(run.job, TrainJob | DistillJob)
    out = Path(run.job.out_dir)
    head, tail = _ends(run.folder / EVENTS_FILE)
    started = next((event for event in head if isinstance(event, JobStarted)), None)
    metrics = [event for event in tail if isinstance(event, MetricLogged)]
    found = tuple(checkpoints(out / FOLDER))
    checkpoint = found[-1][0] if found else None
    return Training(
        run=run,
        state=status_of(run).state,
        job=run.job,
        step=metrics[-1].step if metrics else checkpoint or 0,
        loss=_mean([event.values["loss"] for event in metrics if "loss" in event.values][-LOSSES:]),
        val_loss=next((event.values["val_loss"] for event in reversed(metrics) if "val_loss" in event.values), None),
        images_per_s=_mean([event.values["images_per_s"] for event in metrics if "images_per_s" in event.values]),
        device=(started.device or "") if started else "",
        num_threads=started.num_threads if started else None,
        memory_gib=_memory(tail),
        checkpoint=checkpoint,
        checkpoints=found,
        lora=lora_of(out),
        model=out / "model" if (out / "model" / "model_index.json").is_file() else None,
    )


def _memory(tail: list[Event]) -> float | None:
    """Return what the run's result says; of runs that were cut off nothing is known."""
    ended = last_end(tail)
    found = ended.result.get("memory_gib") if ended else None
    return float(found) if isinstance(found, int | float) else None


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def _ends(path: Path) -> tuple[list[Event], list[Event]]:
    """Return the events at the beginning and at the end of a log; of a short one both are all there are."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            tail = file.read()
    except OSError:
        return [], []
    whole_tail = tail if size <= TAIL_BYTES else tail[tail.find(b"\n") + 1 :]
    return _events(head), _events(whole_tail)


def _events(data: bytes) -> list[Event]:
    found = []
    for line in data[: data.rfind(b"\n") + 1].splitlines():
        try:
            found.append(wire.decode_event(line))
        except (msgspec.DecodeError, UnicodeError):
            continue
    return found
