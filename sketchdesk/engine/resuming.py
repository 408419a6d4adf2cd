"""A drawing that goes on: what an earlier start of the same run has saved is not drawn a second time."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sketchdesk.contracts.events import ImageSaved, PreviewReady
from sketchdesk.engine.plan import Item
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.drawing.unsaved import unsaved_dir
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.images.renamed import Renamings
from sketchdesk.library.runs.events import read_events

SAVING_FILE = "saving.txt"
"""In a run's folder: the path of the picture that is being written."""


def note_saving(run_dir: Path | None, path: Path) -> None:
    """Note which picture is written next: an engine that is killed before it can tell of it has saved it all the same.

    Not synced: what is written survives the death of an engine, and a power cut costs one picture drawn again.
    """
    if run_dir is not None:
        (run_dir / SAVING_FILE).write_text(str(path), encoding="utf-8")


def still_to_draw(items: list[Item], folder: Path, reporter: Reporter) -> list[Item]:
    """Return the items; those that a run has saved into `folder` before, and that are still there, are not kept again.

    They stay in their places, so that a batch that was cut short is denoised whole and gives the same pictures. A
    picture that was saved and not told of is told of now.
    """
    if reporter.run_dir is None:
        return items
    events = read_events(reporter.run_dir)[0]
    told: list[ImageSaved | PreviewReady] = [event for event in events if isinstance(event, ImageSaved | PreviewReady)]
    untold = _untold(reporter.run_dir, {event.path for event in told})
    if untold is not None:
        reporter.emit(untold)
        told.append(untold)
    # A study draws the same prompts and seeds with several models, into a folder for each. Pictures that are not kept
    # are told of as previews, and lie in a folder of their own; previews of unfinished ones lie in another.
    renamings = Renamings.load()
    here = [event for event in told if Path(event.path).parent == folder and _is_there(event, renamings)]
    # Drawn in the items' order, so of equal ones the first are those that are there.
    saved = Counter((event.prompt, event.seed) for event in here)
    found = []
    for item in items:
        is_there = item.kept and saved[item.prompt, item.seed] > 0
        saved[item.prompt, item.seed] -= is_there
        found.append(replace(item, kept=False) if is_there else item)
    return found


def _is_there(event: ImageSaved | PreviewReady, renamings: Renamings) -> bool:
    """Tell whether a picture lies where it was told to, or where it was saved, or came back from the trash, since."""
    return Path(os.fsdecode(renamings.now(os.fsencode(event.path), event.time_s))).is_file()


def _untold(run_dir: Path, told: set[str]) -> ImageSaved | PreviewReady | None:
    """Return the event of a picture that was saved just before the engine died, None where there is none."""
    try:
        path = Path((run_dir / SAVING_FILE).read_text(encoding="utf-8"))
    except (OSError, UnicodeError):
        return None
    record = None if str(path) in told else read_record(path)
    if record is None or record.seed is None:
        return None
    if path.parent == unsaved_dir(run_dir):
        steps = record.num_inference_steps or 0
        return PreviewReady(path=str(path), prompt=record.prompt, seed=record.seed, step=steps, total=steps)
    seconds = (record.text_s + record.denoise_s + record.decode_s) / max(1, record.batch_size)
    return ImageSaved(
        path=str(path), prompt=record.prompt, seed=record.seed, width=record.width, height=record.height,
        seconds=seconds,
    )  # fmt: skip
