"""The engine as `python -m sketchdesk --engine`, spoken to over bare pipes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sketchdesk
from sketchdesk.contracts import wire
from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.contracts.events import Event, JobEnded
from sketchdesk.contracts.jobs import GenerateJob, ProbeJob, PromptRow
from sketchdesk.contracts.wire import CancelJob, PauseJob, RunJob

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1])}


@pytest.fixture(params=[["sketchdesk", "--engine"]], ids=" ".join)
def engine(request) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", *request.param]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=ENVIRONMENT) as process:
        yield process
        process.kill()


def say(engine: subprocess.Popen[bytes], *lines: bytes) -> None:
    engine.stdin.write(b"".join(lines))
    engine.stdin.flush()


def hear(engine: subprocess.Popen[bytes]) -> list[Event]:
    """The events up to the end of a job."""
    events: list[Event] = []
    while not (events and isinstance(events[-1], JobEnded)):
        events.append(wire.decode_event(engine.stdout.readline()))
    return events


@pytest.mark.parametrize("engine", [["sketchdesk", "--engine"], ["sketchdesk.engine"]], indirect=True, ids=" ".join)
def test_nonsense_is_answered_and_the_next_job_runs(engine, tmp_path):
    say(engine, b"hello\n", b"\n", b'{"type":"run","job_id":"half","job":{"type":"probe"}}\n', b"\xff\xfe\n", b"[1]\n")
    answers = [hear(engine)[0] for _ in range(5)]
    assert [(a.state, a.kind) for a in answers] == [("failed", ErrorKind.BAD_INPUT)] * 5
    assert [a.job_id for a in answers] == ["", "", "half", "", ""]
    assert "run_dir" in answers[2].message
    say(engine, wire.encode(CancelJob(job_id="unknown")), wire.encode(PauseJob(job_id="unknown", paused=True)))
    say(engine, wire.encode(RunJob(job_id="good", job=ProbeJob(), run_dir=str(tmp_path))))
    assert hear(engine)[-1].state == "done"


def test_a_run_folder_that_is_not_there_fails_the_job(engine, tmp_path):
    say(engine, wire.encode(RunJob(job_id="a", job=ProbeJob(), run_dir=str(tmp_path / "gone"))))
    ended = hear(engine)[-1]
    assert (ended.job_id, ended.state, ended.kind) == ("a", "failed", ErrorKind.BAD_INPUT)
    assert str(tmp_path / "gone") in ended.message


def test_the_end_of_stdin_ends_the_engine(engine):
    say(engine, b"hello\n")
    hear(engine)
    engine.stdin.close()
    assert engine.wait(timeout=5) == 0


def test_the_engine_is_up_without_torch():
    listing = "import sys, sketchdesk.entry, sketchdesk.engine.__main__; print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", listing], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    modules = done.stderr.split()
    assert "sketchdesk.engine.session" in modules
    assert not {"torch", "diffusers", "transformers", "PySide6"} & set(modules)


def test_a_real_drawing_is_canceled_between_its_images(engine, tiny_sd, tmp_path):
    job = GenerateJob(
        model=str(tiny_sd), prompts=(PromptRow(prompt="a cat"),), out_dir=str(tmp_path / "out"), count=100_000,
        num_inference_steps=2, batch_size=1, num_threads=1,
    )
    say(engine, wire.encode(RunJob(job_id="draw", job=job, run_dir=str(tmp_path))))
    saved = 0
    while saved < 2:
        event = wire.decode_event(engine.stdout.readline())
        assert not isinstance(event, JobEnded), event
        saved += type(event).__name__ == "ImageSaved"
    say(engine, wire.encode(CancelJob(job_id="draw")))
    assert hear(engine)[-1].state == "canceled"
    assert len(list((tmp_path / "out").glob("*.png"))) >= 2
