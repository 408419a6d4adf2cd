"""From what a job calls a data set to the set itself: a folder, a file, or a repository of the hub."""

from __future__ import annotations

import re
from pathlib import Path

from sketchdesk.library.dataset.flaws import ABOUT, Finding
from sketchdesk.library.dataset.folders import read_folder, read_list
from sketchdesk.library.dataset.items import Source, pictures_in, unreadable_set
from sketchdesk.library.dataset.parquet import parts_in, read_parquet
from sketchdesk.library.hub.listener import Listener

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
SHOWN_REASONS = 3


def is_hub_id(name: str, base: Path | None = None) -> bool:
    """Tell whether a data set's name is owner/name of the hub, and no place, seen from `base`, on this machine."""
    return bool(_HUB_ID.fullmatch(name)) and not Path(base or "", name).exists()


def open_source(
    name: str, image_column: str = "image", caption_column: str = "text", streaming: bool = False,
    listener: Listener | None = None,
) -> Source:  # fmt: skip
    """Return the data set a job names, without reading its pictures.

    A folder with metadata.jsonl, .csv or .parquet; with kohya's NN_name folders; with a .txt or .caption beside each
    picture; with parquet files that hold the pictures. One parquet file, a table or a text that lists files. Or
    owner/name of the hub, `streaming` where it is not to be kept on this machine; `listener` hears of its download.
    Raises SketchDeskError(DATASET_UNREADABLE), with reasons in its details, where nothing can be trained on, HUB_…
    where the hub does not answer.
    """
    if is_hub_id(name):
        from sketchdesk.library.dataset.hub import read_hub

        return read_hub(name, image_column, caption_column, streaming, listener)
    try:
        found = _open(name, Path(name).expanduser(), image_column, caption_column)
    except (OSError, ValueError, RuntimeError) as error:  # RuntimeError: no such person's home
        raise unreadable_set(name, f"{type(error).__name__}: {error}") from error
    if not found.count:
        raise unreadable_set(name, _reasons(found.left_out) or "no image")
    return found


def _open(name: str, place: Path, image_column: str, caption_column: str) -> Source:
    if place.is_dir():
        parts = parts_in(place)
        if parts and not pictures_in(place):
            return read_parquet(name, parts, image_column, caption_column)
        return read_folder(place, caption_column)
    if place.suffix.lower() == ".parquet":
        return read_parquet(name, [place], image_column, caption_column)
    if place.is_file():
        return read_list(place, caption_column)
    raise FileNotFoundError(place)


def _reasons(findings: tuple[Finding, ...]) -> str:
    shown = [f"{finding.key}: {ABOUT[finding.flaw].title} {finding.detail}".rstrip() for finding in findings]
    return "; ".join(shown[:SHOWN_REASONS])
