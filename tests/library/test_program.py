"""The program starts itself again from anywhere, and never what happens to lie where one stands."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sketchdesk.library.program import program_command, program_environment


def test_it_is_this_program_that_starts_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sketchdesk.py").write_text("raise SystemExit('somebody else')")
    monkeypatch.chdir(tmp_path)
    done = subprocess.run(
        program_command(["--version"]), env=program_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.lower().startswith("sketchdesk")
