"""Commands as a person starts them, in a folder that is not the checkout.

Most run in the tests' own process, which has torch loaded once for all; what is the process's own, its signals, its
death, its streams and what it imports, is tested in real ones.
"""

from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

import sketchdesk
from sketchdesk import entry

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
def run_process(start: Callable[..., subprocess.Popen]) -> Run:
    """Run `sketchdesk ARGUMENTS` to its end in a process of its own."""

    def run_process(*arguments: str, **options: str) -> Finished:
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=300)
        return Finished(process.returncode, out, err)

    return run_process


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Iterator[Run]:
    """Run `sketchdesk ARGUMENTS` to its end in this process, with the streams and the environment of its own."""

    def run(*arguments: str, **variables: str) -> Finished:
        out, err = io.StringIO(), io.StringIO()
        surroundings = patch.dict(os.environ, {**environment, **variables})
        with surroundings, chdir(tmp_path), redirect_stdout(out), redirect_stderr(err):
            code = entry.main(arguments)
        return Finished(code, out.getvalue(), err.getvalue())

    yield run
    if (generate := sys.modules.get("sketchdesk.engine.generate")) is not None:
        generate.forget_models()
    for handler in [one for one in logging.getLogger().handlers if one.get_name() == "sketchdesk"]:
        logging.getLogger().removeHandler(handler)
        handler.close()
