"""How a child process ended, as a value that can say itself."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

from sketchdesk.contracts.text import _

_CRASHES = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE"}
_WINDOWS_CRASH = 0xC0000000
"""Windows exit codes from here on are exceptions in native code (0xC0000005: access violation)."""


@dataclass(frozen=True)
class Outcome:
    """The end of a process.

    Attributes:
        code: The exit code; below zero it is the number of the signal that ended it, negated.
        stderr_tail: The last lines it wrote to stderr.
    """

    code: int
    stderr_tail: str = ""

    @property
    def is_killed(self) -> bool:
        """Whether something ended it that asks nobody: the system, when memory runs out, or a person."""
        return os.name == "posix" and self.code == -signal.SIGKILL

    def __str__(self) -> str:
        """What happened, in words that fit into “The engine stopped unexpectedly (…)”."""
        if self.code < 0:
            return _by_signal(-self.code)
        if self.code == 0:
            return _("it ended before the job did")
        if self.code >= _WINDOWS_CRASH:
            return _("a crash in native code, exit code {code}").format(code=hex(self.code))
        return _("exit code {code}").format(code=self.code)


def _by_signal(number: int) -> str:
    try:
        name = signal.Signals(number).name
    except ValueError:
        return _("killed by signal {number}").format(number=number)
    if name in _CRASHES:
        return _("a crash in native code, {name}").format(name=name)
    if name == "SIGKILL":
        return _("killed by {name}; the system does so when memory runs out").format(name=name)
    return _("killed by {name}").format(name=name)
