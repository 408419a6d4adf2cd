"""Steps that were skipped because a loss or a gradient was no number: counted, and too many in a row end the run."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError


class Skipped:
    """The count of a run. `count` is of all its steps."""

    def __init__(self, limit: int) -> None:
        """So many in a row are too many."""
        self._limit = limit
        self.count = self._in_a_row = 0

    def note(self, number: int, is_done: bool) -> None:
        """Note whether a step, numbered from 1, was done. Raises SketchDeskError(NOT_FINITE) after too many in vain."""
        if is_done:
            self._in_a_row = 0
            return
        self.count += 1
        self._in_a_row += 1
        if self._in_a_row >= self._limit:
            raise SketchDeskError(ErrorKind.NOT_FINITE, str(number))

    @property
    def told(self) -> dict[str, float]:
        """What is logged of it: nothing where there was none."""
        return {"skipped_steps": float(self.count)} if self.count else {}

    def state(self) -> list[int]:
        """Return what a resume needs."""
        return [self.count, self._in_a_row]

    def load_state(self, state: Sequence[int]) -> None:
        """Go back to a saved state."""
        self.count, self._in_a_row = state
