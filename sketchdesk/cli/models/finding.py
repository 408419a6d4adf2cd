"""Find a model by what a person calls it."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.models.called import ambiguous, called
from sketchdesk.library.models.installed import ModelEntry, list_models


def find_model(name: str) -> ModelEntry:
    """Return the model that a list shows under this name, that lies at this path, or that is called so.

    Raises SketchDeskError: MODEL_NOT_FOUND, BAD_INPUT where several are called so.
    """
    entries = list_models()
    path = Path(name).expanduser().resolve() if name else None
    meant = called(name, (entry.path for entry in entries)) if name else []
    found = [entry for entry in entries if entry.name == name] or [
        entry for entry in entries if entry.path in meant or entry.path.resolve() == path
    ]
    if not found:
        raise SketchDeskError(ErrorKind.MODEL_NOT_FOUND, name)
    if len({entry.path for entry in found}) > 1:
        raise ambiguous(name, (entry.path for entry in found))
    return found[0]
