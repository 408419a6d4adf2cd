"""What keeps the start short, from before the first import of the window on."""

from __future__ import annotations

import builtins
import gc


def begin() -> None:
    """Look for no garbage, since what the window is made of is none, and import without Qt for Python's detour.

    From its own import on, Qt for Python reads the source of every module that is imported, in case it says
    `from __feature__ import …`. None here does. A Qt for Python that keeps no way around that keeps the detour: the
    start is slower then, and nothing else. The process of the window begins so, no other; whoever calls this calls
    `end`, also where the start fails.
    """
    gc.disable()
    import PySide6.QtCore  # noqa: F401 - so that the detour is there to be left

    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


def end() -> None:
    """Look for garbage as Python does: the window is gone, or never came. While it lives, ui/garbage.py does it."""
    gc.enable()
