from __future__ import annotations

import errno
import os
import resource

import pytest
import torch

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import DeviceFound, JobEnded, JobStarted
from sketchdesk.contracts.jobs import GenerateJob, ProbeJob, PromptRow
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.engine.session import ended_by, run_job
from sketchdesk.library.runs.events import EVENTS_FILE


def os_error(number: int, path: str = "") -> OSError:
    return OSError(number, os.strerror(number), path) if path else OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "kind", "word"),
    [
        (SketchDeskError(ErrorKind.MODEL_NOT_FOUND, "sd9"), ErrorKind.MODEL_NOT_FOUND, "sd9"),
        (torch.OutOfMemoryError("CUDA out of memory"), ErrorKind.OUT_OF_MEMORY, "memory"),
        (RuntimeError("MPS backend out of memory (…)"), ErrorKind.OUT_OF_MEMORY, "memory"),
        (MemoryError(), ErrorKind.OUT_OF_MEMORY, "memory"),
        (os_error(errno.ENOMEM), ErrorKind.OUT_OF_MEMORY, "memory"),
        (os_error(errno.ENOSPC), ErrorKind.DISK_FULL, "disk"),
        (RuntimeError("I/O error: No space left on device (os error 28)"), ErrorKind.DISK_FULL, "disk"),
        (os_error(errno.EACCES, "/locked/x.png"), ErrorKind.NOT_WRITABLE, "/locked/x.png"),
        (os_error(errno.EROFS, "/cdrom/x.png"), ErrorKind.NOT_WRITABLE, "/cdrom/x.png"),
        (os_error(errno.ENOENT, "gone.csv"), ErrorKind.BAD_INPUT, "gone.csv"),
        (ModuleNotFoundError("No module named 'peft'", name="peft"), ErrorKind.ENGINE_MISSING, "peft"),
        (ModuleNotFoundError("No module named 'sketchdesk.x'", name="sketchdesk.x"), ErrorKind.INTERNAL, "inside"),
        (ZeroDivisionError("division by zero"), ErrorKind.INTERNAL, "inside"),
        (SystemExit(2), ErrorKind.INTERNAL, "inside"),
    ],
)
def test_every_exception_becomes_a_sentence_and_a_next_step(error, kind, word):
    ended = ended_by(error)
    assert (ended.state, ended.kind) == ("failed", kind)
    assert word in ended.message
    assert ended.next_step
    assert type(error).__name__ in ended.details


@pytest.mark.parametrize("error", [Cancelled(), KeyboardInterrupt()])
def test_canceling_is_no_error(error):
    ended = ended_by(error)
    assert (ended.state, ended.kind, ended.details) == ("canceled", None, "")
    assert "kept" in ended.message


def test_the_details_hold_the_traceback_and_are_bounded():
    def deep(level: int) -> None:
        if level:
            deep(level - 1)
        raise ValueError("x" * 50_000 + "the end")

    try:
        deep(3)
    except ValueError as error:
        details = ended_by(error).details
    assert details.rstrip().endswith("the end")
    assert len(details) <= 20_000


def test_a_real_allocation_that_fails_is_out_of_memory():
    try:
        torch.empty(2**60, dtype=torch.uint8)
    except RuntimeError as error:
        assert ended_by(error).kind == ErrorKind.OUT_OF_MEMORY
    else:
        pytest.fail(f"2^60 bytes were there; address space {resource.getrlimit(resource.RLIMIT_AS)}")


def test_a_job_is_started_done_and_ended_in_that_order():
    said: list = []
    ended = run_job(ProbeJob(), Reporter(said.append, "job"))
    assert isinstance(said[0], JobStarted)
    assert said[0].pid == os.getpid()
    assert any(isinstance(event, DeviceFound) for event in said)
    assert isinstance(said[-1], JobEnded)
    assert (ended.state, ended.result) == ("done", said[-1].result)


def test_a_job_canceled_before_it_began_does_nothing():
    said: list = []
    reporter = Reporter(said.append)
    reporter.cancel()
    assert run_job(ProbeJob(), reporter).state == "canceled"
    assert [type(event) for event in said] == [JobEnded]


def test_a_missing_device_ends_the_job_before_a_model_is_looked_for(tmp_path):
    job = GenerateJob(model="no such model", prompts=(PromptRow(prompt="x"),), out_dir=str(tmp_path), device="cuda:99")
    ended = run_job(job, Reporter(lambda event: None))
    assert ended.kind == ErrorKind.DEVICE_MISSING


def test_a_job_whose_log_cannot_be_written_still_ends_aloud(tmp_path):
    said: list = []
    reporter = Reporter(said.append, run_dir=tmp_path)
    reporter._log._file.close()
    reporter._log._file = (tmp_path / EVENTS_FILE).open("rb", buffering=0)  # one that only reads
    ended = run_job(ProbeJob(), reporter)
    assert ended.state == "failed"
    assert isinstance(said[-1], JobEnded)
