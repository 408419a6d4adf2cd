"""Models that judge how well pictures fit words: whether what a person names is one, before hours are spent on it."""

from __future__ import annotations

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.kind import kind_of

FAMILIES = ("clip", "siglip")
"""As config.json of transformers' format calls those that embed pictures and words: PickScore and HPS are CLIPs."""


def judge_problem(name: str) -> str:
    """Return in a sentence why a folder or hub id is no such model, "" where it is; its weights are not read."""
    try:
        path = resolve_model(name)
        if path.is_dir() and kind_of(path).family in FAMILIES:
            return ""
    except SketchDeskError as error:
        return error.message
    return _("“{folder}” is no CLIP or SigLIP model in transformers' format.").format(folder=name)
