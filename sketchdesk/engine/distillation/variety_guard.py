"""Whether matching still draws pictures as varied as its teacher's."""

from __future__ import annotations

LEAST_VARIETY = 0.8
"""Of the teacher's."""


class VarietyGuard:
    """Tells when matching draws one picture of many: less varied than it began with, and than LEAST_VARIETY."""

    def __init__(self) -> None:
        self.first: float | None = None
        """How varied its pictures were when it began; None before that is known."""

    def misses(self, variety: float) -> bool:
        """Tell whether so much is too little; what is told first is what it begins with."""
        if self.first is None:
            self.first = variety
        return variety < min(LEAST_VARIETY, self.first)
