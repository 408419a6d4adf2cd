"""What a command writes and where: answers to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import sys
import threading
from collections.abc import Callable, Mapping
from typing import TextIO

ERROR_KEY = "error"


class Console:
    """The two streams of a command.

    `show` is for the command's answer, `say` for messages, `status` for a line that is drawn over itself on a
    terminal. With `json_output` standard output carries one JSON object and nothing else. A reader that went away
    never stops the work: what cannot be written is dropped.
    """

    def __init__(self, json_output: bool = False, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.json_output = json_output
        self._out = stdout if stdout is not None else sys.stdout
        self._err = stderr if stderr is not None else sys.stderr
        self._lock = threading.Lock()
        self._status_width = 0

    @property
    def is_terminal(self) -> bool:
        """Whether standard error is a terminal, where a line can be drawn over."""
        return self._err is not None and self._err.isatty()

    def show(self, text: str) -> None:
        """Write a line of the answer for a person; with --json it goes with the messages."""
        self._write(self._err if self.json_output else self._out, text + "\n")

    def say(self, text: str) -> None:
        """Write a message."""
        self._write(self._err, text + "\n")

    def status(self, text: str) -> None:
        """Draw `text` over the last status line; empty text clears it."""
        columns = shutil.get_terminal_size().columns - 1
        with self._lock:
            line = text[:columns]
            self._put(self._err, "\r" + line.ljust(self._status_width) + ("" if line else "\r"))
            self._status_width = len(line)

    def answer(self, values: Mapping[str, object]) -> None:
        """Write the one JSON object, if --json was given. ASCII only, NaN becomes null: anything can read it."""
        if self.json_output:
            self._write(self._out, json.dumps(_finite(dict(values)), allow_nan=False) + "\n")

    def fail(self, kind: str, message: str, next_step: str = "", **kept: object) -> None:
        """Tell of a failure, in words and, with --json, as {"error": …} beside what was kept."""
        self.say(" ".join(part for part in (message, next_step) if part))
        self.answer({ERROR_KEY: {"kind": kind, "message": message, "next_step": next_step}, **kept})

    def _write(self, stream: TextIO | None, text: str) -> None:
        with self._lock:
            if self._status_width:
                self._put(self._err, "\r" + " " * self._status_width + "\r")
                self._status_width = 0
            self._put(stream, text)

    @staticmethod
    def _put(stream: TextIO | None, text: str) -> None:
        """Write now or not at all; a windowed Windows program has no streams, a pipe may be closed."""
        if stream is None:
            return
        with contextlib.suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


def prepare_streams() -> None:
    """Let both streams write any text in any locale: what an encoding lacks is shown as a question mark."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Callable[..., None] | None = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(errors="replace")


def drop_broken_pipes() -> None:
    """Point streams whose reader went away at nothing, so that Python's last flush does not complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except (OSError, ValueError):
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _finite(value: object) -> object:
    """Return the value with every NaN and infinity as None, which JSON can say."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return value
