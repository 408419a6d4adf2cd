"""Work done for the next pictures, in other threads, while this one computes; in order, and never far ahead."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

MOST_THREADS = 4
AHEAD = 32
"""Pictures in memory that nobody has asked for yet."""


def in_parts(items: Iterable[Given], size: int) -> Iterator[list[Given]]:
    """Yield the items in consecutive lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


class ReadAhead(Generic[Given, Made]):
    """Iterates over (given, made) in the order given. An error of `make` is raised at its place.

    `waited_s` is how long the one who iterates had to wait for it.
    """

    def __init__(self, given: Iterable[Given], make: Callable[[Given], Made], ahead: int = AHEAD) -> None:
        self._given = given
        self._make = make
        self._ahead = ahead
        self.waited_s = 0.0

    def __iter__(self) -> Iterator[tuple[Given, Made]]:
        """Begin at once, not when the first is asked for. Stopping early lets go of what was not begun."""
        threads = max(1, min(MOST_THREADS, (os.cpu_count() or 2) - 1))
        pool = ThreadPoolExecutor(threads, thread_name_prefix="read-ahead")
        rest = iter(self._given)
        queue = deque((one, pool.submit(self._make, one)) for one in islice(rest, self._ahead))
        return self._made(pool, queue, rest)

    def _made(
        self, pool: ThreadPoolExecutor, queue: deque[tuple[Given, Future[Made]]], rest: Iterator[Given]
    ) -> Iterator[tuple[Given, Made]]:
        try:
            while queue:
                one, future = queue.popleft()
                began = time.perf_counter()
                made = future.result()
                self.waited_s += time.perf_counter() - began
                queue.extend((more, pool.submit(self._make, more)) for more in islice(rest, 1))
                yield one, made
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
