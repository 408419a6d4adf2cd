"""The training set as CLIP sees it: an embedding of every picture, and the captions it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import ngettext
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.preparing import Pixels
from sketchdesk.engine.evaluation.read_ahead import ReadAhead
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.items import Item
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.images import unreadable_errors


@dataclass(frozen=True)
class TrainingSet:
    """[M, D] embeddings of length one, and for each picture what names it and what it shows."""

    embeddings: NDArray[np.float32]
    names: list[str]
    captions: frozenset[str]

    @classmethod
    def read(cls, name: str, judge: ClipScorer, reporter: Reporter, batch_size: int = 16) -> Self:
        """Embed a set's pictures; those that cannot be read are left out, which is told.

        Raises SketchDeskError: DATASET_UNREADABLE, NO_IMAGES where none can be read.
        """
        source = open_source(name)
        rows: list[NDArray[np.float32]] = []
        names: list[str] = []
        captions: set[str] = set()
        waiting: list[Pixels] = []

        def embed() -> None:
            rows.append(np.asarray(judge.embed(waiting).cpu().numpy()))
            waiting.clear()

        left_out = 0
        for place, (item, prepared) in enumerate(ReadAhead(source.items, lambda item: _prepared(item, judge)), 1):
            if place % batch_size == 0:
                reporter.step(place, max(place, source.count or 0))
            if prepared is None:
                left_out += 1
                continue
            waiting.append(prepared[1])
            names.append(str(prepared[0]))
            captions.add(" ".join((item.caption or "").lower().split()))
            if len(waiting) == batch_size:
                embed()
        if waiting:
            embed()
        if not rows:
            raise SketchDeskError(ErrorKind.NO_IMAGES, name)
        if left_out:
            words = ngettext(
                "{count} picture of the training set could not be read.",
                "{count} pictures of the training set could not be read.",
                left_out,
            )
            reporter.notice(words.format(count=left_out), "warning")
        return cls(np.concatenate(rows), names, frozenset(captions - {""}))

    def has(self, prompt: str) -> bool:
        """Tell whether the model was trained on these words."""
        return " ".join(prompt.lower().split()) in self.captions

    def nearest(self, embeddings: NDArray[np.float32], block: int = 1024) -> tuple[NDArray[np.float32], list[int]]:
        """Return each row's cosine with its nearest training picture, [N], and which that is."""
        best, which = [], []
        for start in range(0, len(embeddings), block):
            cosines = embeddings[start : start + block] @ self.embeddings.T
            which.append(cosines.argmax(axis=1))
            best.append(cosines.max(axis=1))
        return np.concatenate(best), [int(number) for number in np.concatenate(which)]


def _prepared(item: Item, judge: ClipScorer) -> tuple[Path | str, Pixels] | None:
    """Return where an item's picture is, or its key, and the picture as the judge takes it; None where unreadable."""
    try:
        picture = item.read()
        place = picture if isinstance(picture, Path) else item.key
        return place, judge.prepare(decoded(read_bytes(picture)))
    except unreadable_errors():
        return None
