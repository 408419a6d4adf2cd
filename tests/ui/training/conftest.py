"""Trainings for the tests, with logs as an engine writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import (
    CheckpointSaved,
    Event,
    JobEnded,
    JobStarted,
    MetricLogged,
    PreviewReady,
    StageChanged,
    StepDone,
)
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.runs import runs
from sketchdesk.library.runs.events import EVENTS_FILE
from sketchdesk.library.runs.runs import Run
from sketchdesk.library.runs.state import RunState
from sketchdesk.workers.background import Background


def write_log(run: Run, *events: Event) -> None:
    """Write events as an engine does."""
    with (run.folder / EVENTS_FILE).open("ab") as file:
        file.writelines(wire.encode(event) for event in events)


def made_steps(first: int, last: int, total: int = 600) -> list[Event]:
    """The events of training steps."""
    found: list[Event] = []
    for step in range(first, last + 1):
        values = {
            "loss": 0.2 + 0.2 / step + 0.02 * math.sin(step), "lr": 1e-5, "grad_norm": 0.5 + 1 / step,
            "images_per_s": 7.5, "memory_gib": 5.1,
        }  # fmt: skip
        found += [MetricLogged(step=step, values=values), StepDone(step=step, total=total, eta_s=90.0, rate_per_s=1.8)]
    return found


@pytest.fixture
def log() -> Callable[..., None]:
    return write_log


@pytest.fixture
def steps() -> Callable[..., list[Event]]:
    return made_steps


@pytest.fixture
def background() -> Iterator[Background]:
    made = Background()
    yield made
    made.shutdown()


@pytest.fixture
def make_training(tmp_path: Path) -> Callable[..., Run]:
    """Make a training that did `done` of its steps and stands in `state`."""

    def make(title: str = "ink", done: int = 20, state: RunState = RunState.DONE, **fields: object) -> Run:
        out = tmp_path / title
        job = TrainJob(**({"model": "demo-base", "dataset": "demo-sketch", "out_dir": str(out)} | fields))
        run = runs.create_run(job, title)
        if state is RunState.QUEUED:
            return run
        runs.start(run, 1)
        samples = []
        for step in (0, done):
            picture = tmp_path / f"{title}-{step}.png"
            Image.new("RGB", (32, 32), "white" if step else "red").save(picture)
            samples.append(PreviewReady(path=str(picture), prompt="a zebra", seed=0, step=step, total=600))
        write_log(
            run, JobStarted(pid=1, device="cpu", precision="fp32"), StageChanged(stage="training", index=3, total=5),
            MetricLogged(step=0, values={"val_loss": 0.5}), samples[0], *made_steps(1, done), samples[1],
            MetricLogged(step=done, values={"val_loss": 0.25}),
        )  # fmt: skip
        if state in (RunState.INTERRUPTED, RunState.CANCELED, RunState.FAILED, RunState.DONE):
            (out / "checkpoints" / f"checkpoint-{done}").mkdir(parents=True)
            (out / "checkpoints" / f"checkpoint-{done}" / "checkpoint.json").write_text("{}")
            write_log(run, CheckpointSaved(step=done, path=str(out)))
        if state is RunState.DONE:
            made = out / ("lora" if fields.get("lora_rank") else "model")
            made.mkdir()
            (made / (f"{title}.safetensors" if made.name == "lora" else "model_index.json")).write_text("{}")
        if state in (RunState.CANCELED, RunState.FAILED, RunState.DONE):
            ended = JobEnded(state=state.value, message="It broke." if state is RunState.FAILED else "")
            write_log(run, ended)
            runs.finish(run, ended)
        elif state is not RunState.RUNNING:
            runs.move(run, state)
        return run

    return make
