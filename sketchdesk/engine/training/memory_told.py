"""How much memory a training was forecast to need, beside what it needs."""

from __future__ import annotations

from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.contracts.text import _
from sketchdesk.engine import memory
from sketchdesk.engine.device import Placement
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.models.judge_facts import training_facts
from sketchdesk.library.training.forecast import forecast_memory

PROBE_STEPS = 2
"""The optimiser's state is made in the first step, so the second is the first that holds everything."""


class MemoryTold:
    """Tells both, once the training has its size and when it is over."""

    def __init__(self, job: TrainJob, path: Path, placement: Placement, pictures: int, reporter: Reporter) -> None:
        """`path` is the model's folder or file, `pictures` how many the job trains on."""
        self._device, self._reporter = placement.device, reporter
        self._steps = 0
        self.forecast_gib = forecast_gib(job, path, placement, pictures)

    def after_step(self) -> None:
        """Count a step of this process, and tell after those that show what the rest will need."""
        self._steps += 1
        if self._steps == PROBE_STEPS:
            self._tell(_("Memory after {count} steps: {measured} GiB; the forecast was {forecast} GiB."))

    def told(self) -> dict[str, str | int | float | None]:
        """Tell at the end, and return what the job's result says of it."""
        measured = self._tell(_("Memory at its most: {measured} GiB; the forecast was {forecast} GiB."))
        return {"memory_gib": measured, "memory_forecast_gib": self.forecast_gib}

    def _tell(self, text: str) -> float:
        measured = memory.peak_gib(self._device)
        if self.forecast_gib is not None:
            self._reporter.notice(
                text.format(count=self._steps, measured=f"{measured:.2f}", forecast=f"{self.forecast_gib:.2f}")
            )
        return measured


def forecast_gib(job: TrainJob, path: Path, placement: Placement, pictures: int) -> float | None:
    """Return what a training is likely to need; None of a model whose files do not say what is in them."""
    placed = msgspec.structs.replace(job, precision=placement.precision)
    try:
        return forecast_memory(placed, training_facts(job, path), str(placement.device), pictures).likely_gib
    except SketchDeskError:
        return None
