"""The ways to draw with less memory, as people say them."""

from __future__ import annotations

from sketchdesk.contracts.jobs import MemorySaving
from sketchdesk.contracts.text import N_, _

SAVING_NAMES: dict[MemorySaving, str] = {
    "sequential_guidance": N_("guidance one by one"),
    "sliced_attention": N_("attention in slices"),
    "tiled_vae": N_("decoding in tiles"),
    "model_offload": N_("networks on the card by turns"),
    "sequential_offload": N_("layers on the card by turns"),
}
"""In the order in which the engine takes them."""


def saving_name(name: str) -> str:
    """Return a way's name; one that is not known here keeps its own."""
    return next((_(text) for saving, text in SAVING_NAMES.items() if saving == name), name)
