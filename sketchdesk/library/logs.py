"""The log files: one a process, rotated, so that a failure can be looked up later and no disk fills."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

from sketchdesk.library.paths import logs_dir

LARGEST_BYTES = 1_000_000
KEPT = 3
"""Older files kept beside the one being written."""

LINE = "%(asctime)s %(levelname)-7s %(process)d %(name)s: %(message)s"


def begin_logging(process_name: str) -> Path | None:
    """Do what setup_logging() does, into the same file however large it is, until that is called.

    It takes no time where nothing is logged: the file is opened with the first message, and what rotates files, which
    brings the networking with it, is not loaded.
    """
    path = _path(process_name)
    return _log_with(lambda: logging.FileHandler(path, encoding="utf-8", errors="backslashreplace", delay=True), path)


def setup_logging(process_name: str) -> Path | None:
    """Send every message of this process, and Python's warnings, to <data folder>/logs/<process_name>.log.

    `process_name` tells processes apart that run side by side ("window", "engine-cpu"). Returns the file, or None
    where it cannot be written: messages then go to standard error, and the program goes on. Calling it again moves
    the log.
    """
    from logging.handlers import RotatingFileHandler  # with the networking it brings

    path = _path(process_name)
    return _log_with(lambda: RotatingFileHandler(path, maxBytes=LARGEST_BYTES, backupCount=KEPT, encoding="utf-8",
                                                 errors="backslashreplace"), path)  # fmt: skip


def _path(process_name: str) -> Path:
    return logs_dir() / f"{re.sub(r'[^A-Za-z0-9_-]+', '-', process_name)}.log"


def _log_with(make_handler: Callable[[], logging.Handler], path: Path) -> Path | None:
    handler: logging.Handler
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = make_handler()
        written: Path | None = path
    except OSError:
        handler, written = logging.StreamHandler(sys.stderr), None
    handler.setFormatter(logging.Formatter(LINE))
    handler.set_name("sketchdesk")
    root = logging.getLogger()
    for old in [old for old in root.handlers if old.get_name() == handler.get_name()]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(False)  # someone may have taken the warnings back since they were asked for
    logging.captureWarnings(True)
    return written
