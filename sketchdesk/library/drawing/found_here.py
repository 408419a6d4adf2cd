"""The model and LoRAs of a picture made elsewhere: the files here that are the same, or are called the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PureWindowsPath

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.hub.manifest import read_manifest
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.models.called import called
from sketchdesk.library.models.families import DRAWABLE
from sketchdesk.library.models.installed import own_places, placed
from sketchdesk.library.models.kind import NETWORK_FILE, PIPELINE_FILE, kind_of
from sketchdesk.library.models.notes import read_note
from sketchdesk.library.models.weights import SAFE_SUFFIX, UNSAFE_SUFFIXES
from sketchdesk.library.models.whole_models import NOTE

SHORTEST_HASH = 10
"""What other programs write of a SHA-256; what is shorter is another kind of checksum."""


def found_here(record: ImageRecord) -> ImageRecord:
    """Return a record whose model and LoRAs are named as they lie here, by checksum, else by name.

    What lies where the record says stays as it is, and so does what is not here, or is several things here. Checksums
    count where they are known already (library.models.notes, a download's manifest): no weights are read.
    """
    names = (record.model, *(lora.path for lora in record.loras))
    if all(not name or placed(name) for name in names):
        return record
    places = own_places()
    hashes = (*record.lora_hashes, *("" for _lora in record.loras))
    loras = tuple(
        msgspec.structs.replace(lora, path=_here(lora.path, wanted, places, is_lora=True))
        for lora, wanted in zip(record.loras, hashes, strict=False)
    )
    model = _here(record.model, record.model_hash, places, is_lora=False)
    return msgspec.structs.replace(record, model=model, loras=loras)


def known_hash(path: Path) -> str:
    """Return the SHA-256 of a model (library.models.notes) where it is known without reading the model, else ""."""
    if (note := read_note(path)) and note.sha256:
        return note.sha256
    manifest = read_manifest(path) if path.is_file() else None
    return manifest.files[0].digest if manifest and len(manifest.files) == 1 else ""


def _here(name: str, wanted: str, places: Sequence[Path], is_lora: bool) -> str:
    """Return a file's path here, or its name as it was."""
    if not name or placed(name):
        return name
    fitting = [path for path in places if _fits(path, is_lora)]
    if len(wanted) >= SHORTEST_HASH:
        known = {path: known_hash(path) for path in fitting}
        if same := next((path for path in fitting if known[path].startswith(wanted.lower())), None):
            return str(same)
        fitting = [path for path in fitting if not known[path]]  # the others are known to differ
    found = called(name, fitting) or (called(short_model(name), fitting) if _is_file_name(name) else [])
    return str(found[0]) if len(found) == 1 else name


def _is_file_name(name: str) -> bool:
    """Tell a file's path or name from a repository of the hub, which another of the same name is not."""
    path = PureWindowsPath(name)  # takes both kinds of slashes, wherever the picture was made
    return bool(path.root or path.drive) or path.suffix.lower() in (SAFE_SUFFIX, *UNSAFE_SUFFIXES)


def _fits(path: Path, is_lora: bool) -> bool:
    """Tell whether what lies there can be a LoRA, or a model; a file that cannot be read can be neither."""
    if path.is_dir():
        return is_lora != any((path / file).is_file() for file in (PIPELINE_FILE, NETWORK_FILE, NOTE))
    try:
        family = kind_of(path).family
    except (SketchDeskError, OSError):
        return False
    return family not in (*DRAWABLE, "embedding") if is_lora else family not in ("lora", "embedding")
