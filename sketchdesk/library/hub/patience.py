"""How long a download waits for a network that comes and goes, and for a hub that asks it to slow down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from msgspec import Struct

_SLICE_S = 0.1
_NEVER = threading.Event()


class Patience(Struct, frozen=True, kw_only=True):
    """Times in seconds. A try that brought new bytes does not count."""

    tries: int = 6
    first_wait_s: float = 1.0
    """Before the second try; doubled for each that follows."""
    longest_wait_s: float = 20.0
    longest_asked_s: float = 300.0
    """When the hub asks for more than this, the download ends, saying so."""
    silence_s: float = 20.0
    """After so long without a byte a connection counts as broken."""

    def wait_s(self, failures: int) -> float | None:
        """Return how long to wait after so many failures in a row, None to give up."""
        if failures >= self.tries:
            return None
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** (failures - 1))


def wait(seconds: float, check: Callable[[], None]) -> None:
    """Wait, looking now and then whether to stop (`check` raises then)."""
    end_s = time.monotonic() + seconds
    check()
    while (left_s := end_s - time.monotonic()) > 0:
        _NEVER.wait(min(_SLICE_S, left_s))
        check()
