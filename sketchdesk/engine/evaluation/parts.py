"""A task done as a part of a longer one: its stages are counted among the whole's."""

from __future__ import annotations

from sketchdesk.engine.reporter import Reporter


class PartReporter(Reporter):
    """Speaks through the reporter of the whole; the part's stage `index` is the whole's `first + index` of `total`."""

    def __init__(self, whole: Reporter, first: int, total: int) -> None:
        super().__init__(whole.emit, whole.job_id)
        self.run_dir = whole.run_dir  # previews go there; the events are the whole's to write
        self._whole = whole
        self._first = first
        self._of = total

    def stage(self, name: str, index: int = 0, total: int = 1, already_done: int = 0) -> None:
        """Begin a part of the part."""
        super().stage(name, self._first + min(index, total - 1), self._of, already_done)

    def check_cancelled(self) -> None:
        """Raise Cancelled, or wait, when the whole is to."""
        self._whole.check_cancelled()
