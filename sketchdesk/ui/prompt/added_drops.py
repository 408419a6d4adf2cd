"""Weight files given to the panel: LoRAs and learnt words are added, a whole model is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.added_files import Added, added_kind
from sketchdesk.library.families import DRAWABLE
from sketchdesk.library.models import ModelEntry, describe
from sketchdesk.library.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES
from sketchdesk.workers.background import Background

WEIGHT_SUFFIXES = (SAFE_SUFFIX, *UNSAFE_SUFFIXES)


@dataclass(frozen=True)
class Weights:
    """A weight file: what it adds, or the model that it is."""

    path: Path
    added: Added = "lora"
    model: ModelEntry | None = None


class AddedDrops(QObject):
    """Looks at weight files in a thread.

    Signals:
        added(str, str): "lora" or "embedding", and the file; one that cannot be read is one too, told at its row.
        model_described(ModelEntry): It is a whole model.
    """

    added = Signal(str, str)
    model_described = Signal(ModelEntry)

    def __init__(self, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._background = background

    def look(self, paths: Sequence[Path]) -> None:
        """Look at weight files and tell of each what it is."""
        wanted = list(paths)
        self._background.do(lambda: [weights_of(path) for path in wanted], self._tell)

    def _tell(self, found: list[Weights]) -> None:
        for weights in found:
            if weights.model is not None:
                self.model_described.emit(weights.model)
            else:
                self.added.emit(weights.added, str(weights.path))


def weights_of(path: Path) -> Weights:
    """Return what a weight file is.

    One that runs code when read is not read: it counts as a learnt word, which most small ones are, unless its name
    says that it is a LoRA.
    """
    if path.suffix.lower() in UNSAFE_SUFFIXES:
        return Weights(path, "lora" if "lora" in path.name.lower() else "embedding")
    try:
        added = added_kind(path)
    except SketchDeskError:
        return Weights(path)
    if added is not None:
        return Weights(path, added)
    entry = describe(str(path), path, "own")
    return Weights(path, model=entry) if entry.family in DRAWABLE else Weights(path)
