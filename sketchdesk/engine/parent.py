"""A process that was started to work for another ends with it."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys
import threading
import time

PARENT_POLL_S = 0.25
_PR_SET_PDEATHSIG = 1

log = logging.getLogger(__name__)


def end_with_parent() -> None:
    """Make this process end within a second of its parent, whatever it is doing.

    Linux is asked to kill us with the parent's thread that started us; elsewhere, and as a second way, a thread watches
    for a new parent. The end of stdin is the third.
    """
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), name="parent-watch", daemon=True).start()


def _watch(parent: int) -> None:
    import psutil

    try:
        process = psutil.Process(parent)
        # A POSIX orphan gets another parent at once; Windows keeps the number, so there the process itself is asked.
        while os.getppid() == parent and (os.name == "posix" or process.is_running()):
            time.sleep(PARENT_POLL_S)
    except psutil.NoSuchProcess:
        log.warning("the parent had ended before the engine began")
    os._exit(0)
