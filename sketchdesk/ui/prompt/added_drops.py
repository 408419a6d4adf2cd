"""Weight files given to the panel: LoRAs and learnt words are added, a whole model is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.models.added_files import Added, added_kind
from sketchdesk.library.models.families import DRAWABLE
from sketchdesk.library.models.installed import ModelEntry, describe
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES
from sketchdesk.workers.background import Background

WEIGHT_SUFFIXES = (SAFE_SUFFIX, *UNSAFE_SUFFIXES)
LARGEST_WORD_BYTES, LARGEST_LORA_BYTES = 2**20, 2**30
"""A word of 100 vectors takes 0.4 MB; LoRAs begin at 2 MB; a whole model takes 2 GB and more."""


@dataclass(frozen=True)
class Weights:
    """A weight file: what it adds, or the model that it is."""

    path: Path
    added: Added | None = "lora"
    """None for a whole model of an old kind."""
    model: ModelEntry | None = None


class AddedDrops(QObject):
    """Looks at weight files in a thread.

    Signals:
        added(str, str): "lora" or "embedding", and the file; one that cannot be read is one too, told at its row.
        model_described(ModelEntry): It is a whole model.
        old_model_found(Path): It is a whole model of an old kind, which must be converted before it can be chosen.
    """

    added = Signal(str, str)
    model_described = Signal(ModelEntry)
    old_model_found = Signal(Path)

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background

    def look(self, paths: Sequence[Path]) -> None:
        """Look at weight files and tell of each what it is."""
        wanted = list(paths)
        self._background.do(lambda: [weights_of(path) for path in wanted], self._tell)

    def _tell(self, found: list[Weights]) -> None:
        for weights in found:
            if weights.added is None:
                self.old_model_found.emit(weights.path)
            elif weights.model is not None:
                self.model_described.emit(weights.model)
            else:
                self.added.emit(weights.added, str(weights.path))


def _likely(path: Path) -> Added | None:
    try:
        size_bytes = path.stat().st_size
    except OSError:
        size_bytes = 0
    if size_bytes > LARGEST_LORA_BYTES:
        return None
    return "lora" if "lora" in path.name.lower() or size_bytes > LARGEST_WORD_BYTES else "embedding"


def weights_of(path: Path) -> Weights:
    """Return what a weight file is.

    One that runs code when read is not read: its size tells a whole model from a LoRA, and that from a learnt word.
    """
    if path.suffix.lower() in UNSAFE_SUFFIXES:
        return Weights(path, _likely(path))
    try:
        added = added_kind(path)
    except SketchDeskError:
        return Weights(path)
    if added is not None:
        return Weights(path, added)
    entry = describe(str(path), path, "own")
    return Weights(path, model=entry) if entry.family in DRAWABLE else Weights(path)
