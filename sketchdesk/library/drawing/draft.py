"""The draft: what stands in the prompt panel, possible or not, kept on disk so that a crash loses nothing typed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
from msgspec import Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import FastPart, LoraUse, MemorySaving, PromptRow
from sketchdesk.contracts.reading import convert
from sketchdesk.library.files.atomic import write_json
from sketchdesk.library.paths import home

DELAY_S = 0.3
"""How long after a change the draft is written: all that a crash can lose is what was typed in this time."""

log = logging.getLogger(__name__)


class Draft(Struct, frozen=True, kw_only=True):
    """The panel's fields as they stand. What is typed is kept as text, so that it is there again even if impossible."""

    rows: tuple[PromptRow, ...] = ()
    entry: str = ""
    """The line that is not in the list yet."""
    style_prefix: str = ""
    style_suffix: str = ""
    negative_prompt: str = ""
    wildcards: bool = True
    prompt_weighting: bool = True
    model: str = ""
    loras: tuple[LoraUse, ...] = ()
    embeddings: tuple[str, ...] = ()
    allow_pickle: bool = False
    init_image: str = ""
    """The picture to draw from; "" for none."""
    mask_image: str = ""
    strength: float | None = None
    """None for what is usual."""
    device: str = "auto"
    precision: str = "auto"
    sampler: str = ""
    """Our name for it; "" for the model's own."""
    steps: int = 25
    guidance: str = ""
    """As typed; "" for the model's own."""
    size: str = ""
    """As typed; "" for the model's own."""
    clip_skip: int = 0
    guidance_rescale: float = 0.0
    memory_savings: tuple[MemorySaving, ...] = ()
    fast: tuple[FastPart, ...] = ()
    batch_size: int = 0
    """How many pictures are drawn together; 0 leaves it to the engine."""
    seeds: str = ""
    keeps_seed: bool = False
    count: int = 1
    keep: bool = True
    """Whether the pictures are saved as they are drawn."""


def draft_file() -> Path:
    """Return the path of the draft."""
    return home() / "draft.json"


def load_draft() -> Draft | None:
    """Return the draft of the last window, or None where there is none; never raises.

    A field that cannot be read is left out, and the others are taken.
    """
    try:
        values = msgspec.json.decode(draft_file().read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeError, RecursionError) as error:
        log.warning("the draft could not be read: %s", error)
        return None
    types = get_type_hints(Draft, include_extras=True)
    good: dict[str, Any] = {}
    for name, value in values.items():
        try:
            good[name] = convert(value, types[name])
        except (KeyError, msgspec.ValidationError) as error:
            log.warning("%s of the draft was left out: %s", name, error)
    return Draft(**good)


class DraftKeeper:
    """Writes the newest draft a moment after it changed, in a thread that lives only for that.

    `on_problem` is called, in that thread, with the SketchDeskError when the disk refuses; the draft is then written
    again with the next change. Use it from one thread.
    """

    def __init__(self, on_problem: Callable[[SketchDeskError], object], delay_s: float = DELAY_S) -> None:
        self._on_problem = on_problem
        self._delay_s = delay_s
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: Draft | None = None
        self._timer: threading.Timer | None = None
        self._told = False

    def keep(self, draft: Draft) -> None:
        """Have the draft written soon; those that come meanwhile take its place."""
        with self._lock:
            self._waiting = draft
            if self._timer is None:
                self._timer = threading.Timer(self._delay_s, self._write)
                self._timer.daemon = True
                self._timer.start()

    def close(self) -> None:
        """Write what waits, now, and end the thread."""
        with self._lock:
            timer = self._timer
        if timer is not None:
            timer.cancel()
        self._write()
        if timer is not None:
            timer.join()

    def _write(self) -> None:
        with self._writing:  # an older draft is never written over a newer one
            with self._lock:
                draft, self._waiting, self._timer = self._waiting, None, None
            if draft is None:
                return
            try:
                write_json(draft_file(), draft)
                self._told = False
            except (SketchDeskError, OSError) as error:
                self._tell(error)

    def _tell(self, error: SketchDeskError | OSError) -> None:
        """Tell of a disk that refuses, once until it takes a draft again: nobody wants that at every letter."""
        log.warning("the draft could not be written: %s", error)
        if isinstance(error, SketchDeskError) and not self._told:
            self._told = True
            self._on_problem(error)
