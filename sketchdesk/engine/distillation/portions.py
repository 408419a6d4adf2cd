"""As many pictures at once as memory has room for: pairs, samples and looks of one job go by the same number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from sketchdesk.contracts.text import ngettext
from sketchdesk.engine.out_of_memory import give_memory_back, is_out_of_memory
from sketchdesk.engine.reporter import Reporter

Item = TypeVar("Item")
Made = TypeVar("Made")


class Portions:
    """Works through things in portions of `size`; one that does not fit into memory is halved, and so are all others.

    That is told, and lasts as long as this object.
    """

    def __init__(self, size: int, reporter: Reporter) -> None:
        self.size, self._reporter = size, reporter

    def of(
        self, items: Sequence[Item], work: Callable[[Sequence[Item]], Made]
    ) -> Iterator[tuple[Sequence[Item], Made]]:
        """Yield each portion of the items in turn with what `work` makes of it; work that failed is done again.

        Raises what `work` raises, want of memory only for a single item.
        """
        begin = 0
        while begin < len(items):
            portion = items[begin : begin + self.size]
            made = self._tried(portion, work)
            if made:
                begin += len(portion)
                yield portion, made[0]
            else:  # here the failed work's frames, and what they held, are gone
                self._halve(len(portion))

    def _tried(self, portion: Sequence[Item], work: Callable[[Sequence[Item]], Made]) -> tuple[Made] | None:
        """Return what was made; None where memory ran out, and less may do."""
        try:
            return (work(portion),)
        except (MemoryError, RuntimeError) as error:
            if len(portion) == 1 or not is_out_of_memory(error):
                raise
        return None

    def _halve(self, tried: int) -> None:
        give_memory_back()
        self.size = tried // 2
        text = ngettext(
            "Memory ran out; from here on {count} picture is drawn at a time.",
            "Memory ran out; from here on {count} pictures are drawn at a time.",
            self.size,
        )
        self._reporter.notice(text.format(count=self.size), "warning")
