from __future__ import annotations

from pathlib import Path

import pytest

from sketchdesk.cli.exit_codes import MEANINGS, ExitCode, epilog, of_job, of_kind
from sketchdesk.contracts.errors import ErrorKind
from sketchdesk.contracts.events import JobEnded

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (JobEnded(state="done"), 0),
        (JobEnded(state="failed", kind=ErrorKind.INTERNAL), 1),
        (JobEnded(state="failed", kind=ErrorKind.NOT_FINITE), 1),
        (JobEnded(state="failed", kind=ErrorKind.MODEL_NOT_FOUND), 2),
        (JobEnded(state="failed", kind=ErrorKind.DEVICE_MISSING), 2),
        (JobEnded(state="failed", kind=ErrorKind.OUT_OF_MEMORY), 3),
        (JobEnded(state="failed", kind=ErrorKind.DISK_FULL), 3),
        (JobEnded(state="canceled"), 130),
    ],
)
def test_each_end_of_a_job_has_its_exit_status(ended: JobEnded, code: int) -> None:
    assert of_job(ended) == code


def test_a_kind_that_came_over_the_wire_as_text_is_known() -> None:
    assert of_kind("no_images") == ExitCode.BAD_INPUT


def test_every_exit_status_is_told_in_help_and_readme() -> None:
    readme = README.read_text(encoding="utf-8")
    for code in ExitCode:
        assert f"{code.value}  {MEANINGS[code]}" in epilog()
        assert f"| {code.value} | {MEANINGS[code]} |" in readme
