"""A drawing that goes on: what an earlier start of the same run has saved is not drawn a second time."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sketchdesk.contracts.events import ImageSaved, PreviewReady
from sketchdesk.engine.plan import Item
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.drawing.unsaved import unsaved_dir
from sketchdesk.library.images.metadata import read_record
from sketchdesk.library.images.renamed import Renamings
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.trash.trash import batches

SAVING_FILE = "saving.txt"
"""In a run's folder: the path of the picture that is being written."""


def note_saving(run_dir: Path | None, path: Path) -> None:
    """Note which picture is written next: an engine that is killed before it can tell of it has saved it all the same.

    Not synced: what is written survives the death of an engine, and a power cut costs one picture drawn again.
    """
    if run_dir is not None:
        (run_dir / SAVING_FILE).write_text(str(path), encoding="utf-8")


def still_to_draw(items: list[Item], folder: Path, reporter: Reporter, again_from_trash: bool = False) -> list[Item]:
    """Return the items; those that a run has saved into `folder` before, and that are still there, are not kept again.

    What was moved to the trash since counts as there, unless it is wanted `again_from_trash`. They stay in their
    places, so that a batch that was cut short is denoised whole and gives the same pictures. A picture that was saved
    and not told of is told of now.
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
    renamings, trashed = Renamings.load(), {} if again_from_trash else _trashed()
    here = [event for event in told if Path(event.path).parent == folder and _is_there(event, renamings, trashed)]
    # By the number too: rows may have the same words and seed and differ in what they draw with.
    done = {(number_of(Path(event.path)), event.prompt, event.seed) for event in here}
    return [
        replace(item, kept=item.kept and (number, item.prompt, item.seed) not in done)
        for number, item in enumerate(items)
    ]


def number_of(path: Path) -> int | None:
    """Return a picture's place in its job, which its file name begins with; None for a name that does not."""
    digits = path.name.partition("-")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else None


def _is_there(event: ImageSaved | PreviewReady, renamings: Renamings, trashed: dict[str, float]) -> bool:
    """Tell whether a picture lies where it was told to, or where it was saved or came back since, or in the trash."""
    place = os.fsdecode(renamings.now(os.fsencode(event.path), event.time_s))
    return Path(place).is_file() or trashed.get(os.path.realpath(place), 0.0) >= event.time_s > 0


def _trashed() -> dict[str, float]:
    """Return where what lies in the trash was, and the Unix time at which it was moved."""
    found: dict[str, float] = {}
    for batch in reversed(batches()):  # the last one counts
        with suppress(ValueError):  # somebody wrote into the manifest
            moved_s = datetime.fromisoformat(batch.moved).timestamp()
            found |= {os.path.realpath(image.original): moved_s for image in batch.images}
    return found


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
