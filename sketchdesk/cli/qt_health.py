"""Can the window open here? Asked in a process of its own, since a broken Qt may abort the one that loads it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from sketchdesk.cli.health import Check
from sketchdesk.contracts.text import _

LIBRARIES: dict[str, str] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
}
"""What Qt loads on any Linux, and the Debian or Ubuntu package that brings it."""

SCREEN_LIBRARIES: dict[str, str] = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
"""What Qt loads besides for an X11 screen."""

PROBE = """
import ctypes, json, sys
answer = {"qt": None, "error": "", "missing": []}
for name in sys.argv[1:]:
    try:
        ctypes.CDLL(name)
    except OSError:
        answer["missing"].append(name)
try:
    from PySide6 import QtCore, QtWidgets
    window = QtWidgets.QApplication([])
    answer["qt"] = QtCore.qVersion()
except ImportError as error:
    answer["error"] = str(error)
print(json.dumps(answer))
"""
TIMEOUT_S = 60


def check_qt() -> Check:
    """Open an application without a screen and say what came of it."""
    wanted = [*LIBRARIES, *SCREEN_LIBRARIES] if sys.platform == "linux" else []
    command = [sys.executable, "-c", PROBE, *wanted]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        answer = json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, json.JSONDecodeError) as error:
        return Check("Qt", "problem", _("could not be tried ({reason})").format(reason=error), _reinstall())
    has_screen = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform != "linux")
    return judge(answer["qt"], answer["error"], answer["missing"], has_screen)


def judge(version: str | None, error: str, missing: list[str], has_screen: bool) -> Check:
    """Return what the probe's answer means for a person."""
    if version is None:
        # The loader names only the first library it lacks; the rest are told in the same breath.
        named = [library for library in LIBRARIES if library in missing or library in error]
        next_step = install_command(named) if named else _reinstall()
        return Check("Qt", "problem", error, next_step)
    if not has_screen:
        found = _("{version}; no screen here, so the commands work but no window").format(version=version)
        return Check("Qt", "ok", found)
    if lacking := [library for library in SCREEN_LIBRARIES if library in missing]:
        names = ", ".join(lacking)
        found = _("{version}; on an X11 screen it lacks {libraries}").format(version=version, libraries=names)
        return Check("Qt", "warning", found, install_command(lacking))
    return Check("Qt", "ok", version)


def install_command(libraries: list[str]) -> str:
    """Return how to install what is missing on Debian and Ubuntu."""
    packages = {**LIBRARIES, **SCREEN_LIBRARIES}
    names = " ".join(packages[library] for library in libraries)
    return _("On Debian or Ubuntu: sudo apt-get install {packages}").format(packages=names)


def _reinstall() -> str:
    return _("Install SketchDesk again: pip install --force-reinstall PySide6-Essentials")
