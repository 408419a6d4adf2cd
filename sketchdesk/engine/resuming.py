"""A drawing that goes on: what an earlier start of the same run has saved is not drawn a second time."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

from sketchdesk.contracts.events import ImageSaved, PreviewReady
from sketchdesk.engine.plan import Item
from sketchdesk.library.run_events import read_events


def still_to_draw(items: list[Item], folder: Path, run_dir: Path | None) -> list[Item]:
    """Return the items; those that a run has saved into `folder` before, and that are still there, are not kept again.

    They stay in their places, so that a batch that was cut short is denoised whole and gives the same pictures.
    """
    if run_dir is None:
        return items
    drawn = (event for event in read_events(run_dir)[0] if isinstance(event, ImageSaved | PreviewReady))
    told = ((event, Path(event.path)) for event in drawn)
    # A study draws the same prompts and seeds with several models, into a folder for each. Pictures that are not kept
    # are told of as previews, and lie in a folder of their own; previews of unfinished ones lie in another.
    here = (event for event, path in told if path.parent == folder and path.is_file())
    # Drawn in the items' order, so of equal ones the first are those that are there.
    saved = Counter((event.prompt, event.seed) for event in here)
    found = []
    for item in items:
        is_there = item.kept and saved[item.prompt, item.seed] > 0
        saved[item.prompt, item.seed] -= is_there
        found.append(replace(item, kept=False) if is_there else item)
    return found
