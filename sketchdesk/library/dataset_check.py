"""How good a data set is before a training starts on it: counted, and what is missing said."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.datasets import read_examples
from sketchdesk.library.train_config import DEMO_DATASETS

DEMO_COUNT = 1500
"""Pictures the demo draws for each of its sets."""


class DatasetCheck(Struct, frozen=True, kw_only=True):
    """A data set in numbers."""

    pictures: int
    """Examples whose picture is there."""
    missing: int = 0
    """Examples whose picture is not."""
    without_caption: int = 0


def check_dataset(name: str, caption_column: str = "text") -> DatasetCheck:
    """Count a folder's examples, or those of a demo set, which is drawn at its first use.

    Raises SketchDeskError(DATASET_UNREADABLE) where nothing can be trained on. Reads every caption: not for the
    window's thread.
    """
    if name in DEMO_DATASETS:
        return DatasetCheck(pictures=DEMO_COUNT)
    folder = Path(name).expanduser()
    examples = read_examples(folder, caption_column)
    there = [example for example in examples if example.path.is_file()]
    if not there:
        raise SketchDeskError(ErrorKind.DATASET_UNREADABLE, name, f"{examples[0].path} is missing")
    return DatasetCheck(
        pictures=len(there),
        missing=len(examples) - len(there),
        without_caption=sum(not example.caption.strip() for example in there),
    )
