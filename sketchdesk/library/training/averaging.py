"""How fast the average of the weights forgets, step by step: the engine averages by it, the window shows it."""

from __future__ import annotations


def ema_decay_at(step: int, decay: float) -> float:
    """Return the decay used at optimiser step `step` (1-based): min(decay, (1 + s) / (10 + s)) with s = step − 1.

    The warm-up diffusers' EMAModel uses by default: early on the average forgets the start weights quickly.
    """
    past = max(0, step - 1)
    return 0.0 if past == 0 else min(decay, (1 + past) / (10 + past))
