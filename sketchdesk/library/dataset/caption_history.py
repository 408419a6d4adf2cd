"""Edited captions with the way back: every change can be undone, all that one job wrote at once."""

from __future__ import annotations

from collections.abc import Mapping

from sketchdesk.library.dataset.captions import CaptionEdits, Edit

Changes = Mapping[str, Edit | None]


class CaptionHistory:
    """What is edited now, and what was before each change."""

    def __init__(self, edits: CaptionEdits) -> None:
        self.edits = edits
        self._before: list[tuple[str, dict[str, Edit | None]]] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to be taken back."""
        return bool(self._before)

    def change(self, changes: Changes, job_id: str = "") -> None:
        """Make a change; those with the same job's id are one, however many come and whatever comes between."""
        before = {key: self.edits.edits.get(key) for key in changes}
        known = next((each for job, each in self._before if job_id and job == job_id), None)
        if known is None:
            self._before.append((job_id, before))
        else:
            known.update({key: edit for key, edit in before.items() if key not in known})
        self.edits = self.edits.with_edits(changes)

    def undo(self) -> dict[str, Edit | None]:
        """Take the last change back and return what that changes; {} where there is none."""
        if not self._before:
            return {}
        _job, changes = self._before.pop()
        self.edits = self.edits.with_edits(changes)
        return changes
