"""The training set as CLIP sees it: an embedding of every picture, and the captions it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import ngettext
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.preparing import Pixels
from sketchdesk.engine.evaluation.read_ahead import ReadAhead, in_parts
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import ALONE, Ranks
from sketchdesk.library.dataset.facts import decoded, read_bytes
from sketchdesk.library.dataset.items import Item
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.images.metadata import unreadable_errors


@dataclass(frozen=True)
class TrainingSet:
    """[M, D] embeddings of length one, and for each picture what names it and what it shows."""

    embeddings: NDArray[np.float32]
    names: list[str]
    captions: frozenset[str]

    @classmethod
    def read(
        cls, name: str, judge: ClipScorer, reporter: Reporter, batch_size: int = 16, ranks: Ranks = ALONE
    ) -> Self:
        """Embed a set's pictures; those that cannot be read are left out, which is told.

        Of several processes each embeds its share and all return the same. Raises SketchDeskError: DATASET_UNREADABLE,
        NO_IMAGES where none can be read; Cancelled.
        """
        items = list(open_source(name).items)
        parts = ranks.own(list(in_parts(range(len(items)), batch_size)))
        mine = [items[number] for part in parts for number in part]
        pictures = iter(ReadAhead(mine, lambda item: _prepared(item, judge)))
        own: dict[int, tuple[str, NDArray[np.float32]]] = {}
        for place, part in enumerate(parts, 1):
            looked = zip(part, islice(pictures, len(part)), strict=True)
            prepared = {number: found for number, (_item, found) in looked if found is not None}
            if prepared:
                rows = judge.embed([pixels for _file, pixels in prepared.values()]).cpu().numpy()
                own |= {n: (str(file), row) for (n, (file, _pixels)), row in zip(prepared.items(), rows, strict=True)}
            reporter.step(place, len(parts))
        read = {number: one for share in ranks.gathered(own) for number, one in share.items()}
        if not read:
            raise SketchDeskError(ErrorKind.NO_IMAGES, name)
        _tell(len(items) - len(read), reporter)
        order = sorted(read)
        captions = {" ".join((items[number].caption or "").lower().split()) for number in order}
        return cls(
            np.stack([read[number][1] for number in order]), [read[number][0] for number in order],
            frozenset(captions - {""}),
        )  # fmt: skip

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


def _tell(left_out: int, reporter: Reporter) -> None:
    if left_out:
        words = ngettext(
            "{count} picture of the training set could not be read.",
            "{count} pictures of the training set could not be read.",
            left_out,
        )
        reporter.notice(words.format(count=left_out), "warning")


def _prepared(item: Item, judge: ClipScorer) -> tuple[Path | str, Pixels] | None:
    """Return where an item's picture is, or its key, and the picture as the judge takes it; None where unreadable."""
    try:
        picture = item.read()
        place = picture if isinstance(picture, Path) else item.key
        return place, judge.prepare(decoded(read_bytes(picture)))
    except unreadable_errors():
        return None
