"""How good a data set is at a glance: what is listed, counted without opening a picture. All of it: dataset.check."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from msgspec import Struct

from sketchdesk.library.dataset.captions import CaptionEdits, edited, read_edits
from sketchdesk.library.dataset.flaws import Flaw
from sketchdesk.library.dataset.sources import is_hub_id, open_source
from sketchdesk.library.paths import home
from sketchdesk.library.training.config import DEMO_DATASETS

DEMO_COUNT = 1500
"""Pictures the demo draws for each of its sets."""


class DatasetCheck(Struct, frozen=True, kw_only=True):
    """A data set in numbers."""

    pictures: int
    """Examples with a caption whose picture is there."""
    missing: int = 0
    """Examples whose picture is not."""
    unshown: int = 0
    """Pictures in folders that are not read."""
    without_caption: int = 0
    """Pictures that have none, or an empty one; only the latter are among `pictures`."""
    edited: int = 0
    """Captions in place of the set's own."""
    is_remote: bool = False
    """Whether it has to be downloaded first; `pictures` is then what its publisher says, 0 where that is nothing."""


def place_of(name: str) -> str | None:
    """Return where a set a job names can be read: a demo's in its folder, None while it has not been drawn."""
    if name not in DEMO_DATASETS:
        return name
    folder = home() / "datasets" / name
    return str(folder) if folder.is_dir() else None


def check_dataset(
    name: str, caption_column: str = "text", image_column: str = "image", captions_file: str = ""
) -> DatasetCheck:
    """Count a set's examples, or those of a demo set, which is drawn at its first use; with a file of edited captions.

    Of a set of the hub that is not here nothing is downloaded: its publisher's count is asked for.

    Raises SketchDeskError(DATASET_UNREADABLE, NO_CAPTIONS) where nothing can be trained on. Reads every caption: not
    for the window's thread.
    """
    if name in DEMO_DATASETS:
        edits = read_edits(Path(captions_file)) if captions_file else CaptionEdits(name)
        return DatasetCheck(pictures=DEMO_COUNT, edited=len(edits.edits))
    if is_hub_id(name):
        from sketchdesk.library.dataset.hub import published_count  # here: the hub's client takes its time to load
        from sketchdesk.library.hub.sets import files_here

        if files_here(name) is None:
            return DatasetCheck(pictures=published_count(name) or 0, is_remote=True)
    source = open_source(name, image_column, caption_column)
    edits = read_edits(Path(captions_file)) if captions_file else CaptionEdits(name)
    source = edited(source, edits)
    items = list(source.captioned().items)
    found = Counter(finding.flaw for finding in source.left_out)
    return DatasetCheck(
        pictures=len(items),
        missing=found[Flaw.MISSING],
        unshown=found[Flaw.UNSHOWN],
        without_caption=sum(not (item.caption or "").strip() for item in source.items),
        edited=sum(item.key in edits.edits for item in items),
    )
