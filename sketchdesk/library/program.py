"""How this very program is started once more, as another process."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path


def program_command(arguments: Sequence[str]) -> list[str]:
    """Return the command that starts this program with these arguments."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    # -P: what happens to lie in the current folder must not be imported instead of ours.
    return [sys.executable, "-P", "-m", "sketchdesk", *arguments]


def program_environment() -> dict[str, str]:
    """Return our environment, in which that process finds the very package that we are, even in a bare checkout."""
    environment = dict(os.environ)
    parent = str(Path(__file__).resolve().parents[2])
    if parent not in sysconfig.get_paths().values():
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [parent, environment.get("PYTHONPATH")]))
    return environment
