"""Fast drawing: shortcuts that give nearly the same pictures sooner, and how far each of them goes.

A picture remembers only the shortcuts' names, so another number here would change the pictures that are made again.
"""

from __future__ import annotations

from sketchdesk.contracts.jobs import FastPart
from sketchdesk.contracts.text import N_, _

GUIDED_SHARE = 0.5
"""Of the steps, from the first on, that are guided where guidance is cut late."""
FULL_EVERY = 3
"""Every so many steps the whole network runs where features are used again."""

FAST_NAMES: dict[FastPart, str] = {
    "tiny_decoder": N_("tiny decoder"),
    "guidance_cutoff": N_("guidance cut late"),
    "feature_caching": N_("features used again"),
}
"""In the order in which they are offered."""


def fast_name(name: str) -> str:
    """Return a shortcut's name; one that is not known here keeps its own."""
    return next((_(text) for part, text in FAST_NAMES.items() if part == name), name)
