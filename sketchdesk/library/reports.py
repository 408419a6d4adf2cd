"""A report of an error nobody foresaw: what happened, in which version, on which system."""

from __future__ import annotations

import platform
import sys
import time
import traceback
import uuid
from pathlib import Path

import sketchdesk
from sketchdesk.library.atomic import write_text
from sketchdesk.library.paths import logs_dir


def save_report(error: BaseException) -> Path:
    """Write a report that a person can read before sending it on; return its path.

    It holds the error's trace, versions and the system's name, and nothing of the person's prompts or settings but
    what the error itself says. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE).
    """
    now = time.localtime()
    lines = [
        f"SketchDesk {sketchdesk.__version__}",
        f"Python {platform.python_version()} ({sys.executable})",
        platform.platform(),
        time.strftime("%Y-%m-%d %H:%M:%S %z", now),
        "",
        *traceback.format_exception(error),
    ]
    path = logs_dir() / f"report-{time.strftime('%Y%m%d-%H%M%S', now)}-{uuid.uuid4().hex[:4]}.txt"
    write_text(path, "\n".join(line.rstrip("\n") for line in lines).encode(errors="backslashreplace").decode() + "\n")
    return path
