"""The checksum of the model that draws, found while it draws: gigabytes take seconds to read."""

from __future__ import annotations

import logging
from pathlib import Path
from threading import Thread

from sketchdesk.library.model_notes import model_hash

log = logging.getLogger(__name__)


class LaterHash:
    """A model's SHA-256, computed on a thread of its own from the moment this is made."""

    def __init__(self, path: Path) -> None:
        self._value = ""
        self._thread = Thread(target=self._find, args=(path,), name="model hash", daemon=True)
        self._thread.start()

    def value(self) -> str:
        """Wait for it and return it in hexadecimal; "" where the files could not be read or have changed."""
        self._thread.join()
        return self._value

    def _find(self, path: Path) -> None:
        try:
            self._value = model_hash(path)
        except OSError:
            log.warning("the checksum of %s could not be found", path, exc_info=True)
