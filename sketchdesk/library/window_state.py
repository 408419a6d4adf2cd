"""What the window remembers of itself: size, tab, splitters, zoom. Losing it costs nothing but a few drags."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.paths import window_file

JSON = None | bool | int | float | str | list["JSON"] | dict[str, "JSON"]
"""What a panel may remember."""

PanelState = dict[str, JSON]

log = logging.getLogger(__name__)


def load_window_state() -> dict[str, PanelState]:
    """Return what each panel remembered, by the panel's name; nothing where the file is missing or damaged."""
    try:
        found = msgspec.json.decode(window_file().read_bytes())
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: state for name, state in found.items() if isinstance(state, dict)}


def save_window_state(panels: Mapping[str, PanelState]) -> None:
    """Write what each panel remembers; a disk that refuses is logged, the next window then opens as new."""
    try:
        write_json(window_file(), dict(panels))
    except (OSError, SketchDeskError) as error:
        log.warning("the window's state could not be saved: %s", error)
