"""The shortcuts a denoising may take; each makes the pictures a little different from the exact ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sketchdesk.contracts.jobs import FastPart
from sketchdesk.library.drawing.fast import FULL_EVERY, GUIDED_SHARE


@dataclass(frozen=True)
class Shortcuts:
    """How far they go; as they stand here, there are none."""

    guided_share: float = 1.0
    """0..1: after so much of the steps guidance is left out, and with it half of the U-Net's work (2312.12487)."""
    full_every: int = 1
    """Every so many steps the whole U-Net runs (see feature_cache)."""

    def guided_steps(self, steps: int) -> int:
        """Return how many of the steps are guided, at least one."""
        return math.ceil(steps * self.guided_share)


def shortcuts_of(fast: Sequence[FastPart]) -> Shortcuts:
    """Return what the names come to."""
    return Shortcuts(
        guided_share=GUIDED_SHARE if "guidance_cutoff" in fast else 1.0,
        full_every=FULL_EVERY if "feature_caching" in fast else 1,
    )
