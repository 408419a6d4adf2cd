"""Find a model by what a person calls it."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.models.installed import ModelEntry, list_models
from sketchdesk.library.models.uses import short_name


def find_model(name: str) -> ModelEntry:
    """Return the model that a list shows under this name, or that lies at this path.

    Raises SketchDeskError: MODEL_NOT_FOUND, BAD_INPUT where several are called so.
    """
    entries = list_models()
    path = Path(name).expanduser().resolve() if name else None
    found = [entry for entry in entries if entry.name == name] or [
        entry for entry in entries if short_name(entry) == name or entry.path.resolve() == path
    ]
    if not found:
        raise SketchDeskError(ErrorKind.MODEL_NOT_FOUND, name)
    if len({entry.path for entry in found}) > 1:
        places = ", ".join(str(entry.path) for entry in found)
        text = _("Several models are called “{name}”; say which by its path: {places}.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, text.format(name=name, places=places))
    return found[0]
