"""Who may import whom, and that the window, the workers and the command line start without torch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sketchdesk

ROOT = Path(sketchdesk.__file__).parents[1]
HEAVY = {"torch", "diffusers", "transformers", "accelerate", "datasets", "peft", "bitsandbytes"}


@pytest.mark.skipif(not (ROOT / "pyproject.toml").is_file(), reason="the rules are read from the checkout")
def test_the_layers_hold():
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from importlinter.cli import lint_imports_command as lint; lint()"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def modules_after(statement: str) -> set[str]:
    """The top-level packages loaded in a fresh interpreter after the statement."""
    listing = f"{statement}\nimport sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", listing], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=True,
    )
    return set(done.stdout.split("\n")[-2].split())


def test_the_window_never_imports_torch():
    loaded = modules_after("import sketchdesk.ui.app, sketchdesk.ui.shell.crash, sketchdesk.workers.runner")
    assert "PySide6" in loaded
    assert not HEAVY & loaded


def test_the_engine_and_the_commands_start_without_torch_and_without_qt():
    loaded = modules_after("import sketchdesk.entry, sketchdesk.engine.__main__, sketchdesk.cli.main")
    assert "sketchdesk" in loaded
    assert not (HEAVY | {"PySide6"}) & loaded
