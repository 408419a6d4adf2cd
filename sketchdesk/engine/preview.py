"""Live previews: what the pictures of a batch will look like, shown while they are drawn."""

from __future__ import annotations

import logging
import math
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image
from torch import Tensor

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.events import PreviewReady
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.files.atomic import replacing

TIME_SHARE = 0.1
"""Previews take at most about this share of the time."""
MAX_SIDE_PX = 256
FIRST_AFTER_S = 0.3
"""What is drawn sooner needs no preview."""

log = logging.getLogger(__name__)


class Previews:
    """Decodes and tells previews of one job into a folder of its run; `close` removes them."""

    def __init__(self, folder: Path, reporter: Reporter, decode: Callable[[Tensor], list[Image.Image]]) -> None:
        self._folder = folder
        self._reporter = reporter
        self._decode = decode
        self._next_s = time.monotonic() + FIRST_AFTER_S

    def show(self, clean: Callable[[], Tensor], labels: Sequence[tuple[str, int]], step: int, total: int) -> None:
        """Show the batch after `step` of `total` steps, unless the last preview was too short a time ago.

        `clean` gives the predicted latents [B, C, h, w]; `labels` are each picture's prompt and seed.
        """
        began_s = time.monotonic()
        if began_s < self._next_s or step == total:
            return
        try:
            self._show(self._decode(clean()), labels, step, total)
        except (OSError, RuntimeError, MemoryError, SketchDeskError) as error:
            log.warning("no more previews of this job: %s", error)  # they are an extra and must not end the job
            self._next_s = math.inf
            return
        took_s = time.monotonic() - began_s
        self._next_s = time.monotonic() + took_s * (1 - TIME_SHARE) / TIME_SHARE

    def _show(
        self, pictures: Sequence[Image.Image], labels: Sequence[tuple[str, int]], step: int, total: int
    ) -> None:
        for number, (picture, (prompt, seed)) in enumerate(zip(pictures, labels, strict=True)):
            picture.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
            path = self._folder / f"{number:02d}.jpg"
            with replacing(path) as temporary:
                picture.save(temporary, format="JPEG", quality=85)
            self._reporter.emit(PreviewReady(path=str(path), prompt=prompt, seed=seed, step=step, total=total))

    def close(self) -> None:
        """Remove the previews; the finished pictures have taken their places."""
        shutil.rmtree(self._folder, ignore_errors=True)
