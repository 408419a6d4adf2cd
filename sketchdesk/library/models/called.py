"""Models by what people call them: a hub repository, the name a list shows, a file's name without its ending."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.hub.manifest import read_manifest
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES
from sketchdesk.library.paths import training_dir
from sketchdesk.library.training.checkpoints import title_of


def called(name: str, places: Iterable[Path]) -> list[Path]:
    """Return which of the models at `places` a name means; several where it means them all alike.

    "owner/name" is the repository that a model was downloaded from, at whichever precision, the first one; any other
    name is what lists show, else the file's without its ending, else one of the two in other letters. Never raises.
    """
    known = list(dict.fromkeys(places))
    if "/" in name:
        return _fetched_from(name, known)
    ways: tuple[Callable[[Path], bool], ...] = (
        lambda path: short_of(path) == name,
        lambda path: stem_of(path) == name,
        lambda path: name.casefold() in (short_of(path).casefold(), stem_of(path).casefold()),
    )
    answers = ([path for path in known if way(path)] for way in ways)
    return next((found for found in answers if found), [])


def short_of(path: Path) -> str:
    """Return what a list calls a model that lies there: what a training made is called by its run."""
    if title := title_of(path):
        return title
    return path.parent.name if path.parent.parent == training_dir() else path.name


def stem_of(path: Path) -> str:
    """Return a weight file's name without its ending; a folder's is its own, dots and all."""
    return path.stem if path.suffix.lower() in (SAFE_SUFFIX, *UNSAFE_SUFFIXES) else path.name


def ambiguous(name: str, paths: Iterable[Path]) -> SketchDeskError:
    """Return the error that asks which of several models a name means."""
    text = _("Several models are called “{name}”; say which by its path: {places}.")
    return SketchDeskError(ErrorKind.BAD_INPUT, text.format(name=name, places=", ".join(map(str, paths))))


def _fetched_from(repo: str, places: Sequence[Path]) -> list[Path]:
    """Return the model that a repository gave, or the files where it gave several, which are not the same."""
    fetched = [path for path in places if (manifest := read_manifest(path)) and manifest.repo == repo]
    folders = [path for path in fetched if path.is_dir()]
    return folders[:1] or fetched
