"""The checksums of the files that draw, found while they draw: gigabytes take seconds to read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Thread

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob
from sketchdesk.library.models.adapter_files import embedding_file, lora_file, lora_hash
from sketchdesk.library.models.notes import model_hash
from sketchdesk.library.models.tiny_decoder import find_tiny_decoder

log = logging.getLogger(__name__)


@dataclass
class Hashes:
    """Checksums in hexadecimal, "" where the files could not be read or have changed."""

    model: str = ""
    loras: tuple[str, ...] = ()
    embeddings: tuple[str, ...] = ()
    decoder: str = ""


class LaterHashes:
    """The SHA-256 of a model and of what a job adds to it, computed on a thread from the moment this is made."""

    def __init__(self, model: Path, job: GenerateJob) -> None:
        self._value = Hashes()
        self._thread = Thread(target=self._find, args=(model, job), name="hashes", daemon=True)
        self._thread.start()

    def value(self) -> Hashes:
        """Wait for them and return them."""
        self._thread.join()
        return self._value

    def _find(self, model: Path, job: GenerateJob) -> None:
        decoder = find_tiny_decoder(model) if "tiny_decoder" in job.fast else None
        self._value = Hashes(
            model=_found(partial(model_hash, model)),
            loras=_each([lora.path for lora in job.loras], lambda name: lora_hash(lora_file(name))),
            embeddings=_each(job.embeddings, lambda name: model_hash(embedding_file(name))),
            decoder=_found(partial(model_hash, decoder)) if decoder else "",
        )


def _each(names: Sequence[str], hash_of: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(_found(partial(hash_of, name)) for name in names)


def _found(find: Callable[[], str]) -> str:
    try:
        return find()
    except (OSError, SketchDeskError):
        log.warning("a checksum could not be found", exc_info=True)
        return ""
