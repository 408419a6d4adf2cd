"""What a question to the index finds, and what holds for all images there are."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import Any

from sketchdesk.library.index.index import ImageIndex, Query


@dataclass(frozen=True)
class Found:
    """The answer to a query."""

    query: Query
    ids: array[int]
    """In the query's order."""
    total: int
    """Of all images there are."""
    starred: int
    unsaved: int
    models: tuple[tuple[str, int], ...]
    """Every model and how many images it drew."""
    runs: tuple[tuple[str, int], ...]
    scores: tuple[float, float] | None
    """The least and the largest CLIP score there is."""
    tags: tuple[tuple[str, int], ...] = ()


class Finding:
    """Answers what is looked for, in the reader's thread; what holds for all images is counted when they change."""

    def __init__(self) -> None:
        self._state: object = None
        self._whole: dict[str, Any] = {}

    def __call__(self, query: Query, index: ImageIndex) -> Found:
        """Return what the query finds now."""
        ids = index.ids(query)
        state = index.state()
        if state != self._state:
            self._state, self._whole = state, _whole(index)
        return Found(query=query, ids=ids, **self._whole)


def _whole(index: ImageIndex) -> dict[str, Any]:
    """Return the fields of Found that no query changes."""
    return {
        "total": index.count(Query()), "starred": index.count(Query(starred=True)),
        "models": tuple(index.models()), "runs": tuple(index.runs()), "scores": index.score_range(),
        "unsaved": index.count(Query(unsaved=True)), "tags": tuple(index.tags()),
    }  # fmt: skip
