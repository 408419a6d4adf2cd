"""Commands as a person starts them: real processes, in a folder that is not the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import sketchdesk

Run = Callable[..., "Finished"]


@dataclass(frozen=True)
class Finished:
    """A command that ended."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> dict:
        """The JSON object on the last line of standard output."""
        return json.loads(self.out.splitlines()[-1])


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """The environment of a command: an empty data folder, English, no hub, one thread."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(sketchdesk.__file__).parents[1]),
        "LANGUAGE": "en",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Callable[..., subprocess.Popen]:
    """Start `sketchdesk ARGUMENTS` and return the running process; it is killed if the test leaves it behind."""
    started: list[subprocess.Popen] = []

    def start(*arguments: str, command: tuple[str, ...] = ("-m", "sketchdesk"), **variables: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, *command, *arguments], cwd=tmp_path, env={**environment, **variables}, text=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def run(start: Callable[..., subprocess.Popen]) -> Run:
    """Run `sketchdesk ARGUMENTS` to its end."""

    def run(*arguments: str, **options: str) -> Finished:
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=300)
        return Finished(process.returncode, out, err)

    return run
