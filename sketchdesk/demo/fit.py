"""The loop the demo's own models are trained with: Muon, warm-up and decay, EMA, checkpoints, resume."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from sketchdesk.contracts.events import Event, MetricLogged, Notice, StageChanged
from sketchdesk.engine.training.checkpoint import newest_state, save_checkpoint
from sketchdesk.engine.training.ema import Ema
from sketchdesk.engine.training.muon import Muon
from sketchdesk.library.training.checkpoints import read_manifest

Say = Callable[[str], None]
TELL_EVERY_S = 20.0


@dataclass(frozen=True)
class FitRecipe:
    """How long and how fast. The rate warms up, stays, and falls to zero as a half cosine over the last part."""

    steps: int
    learning_rate: float = 0.02
    warmup_steps: int = 100
    decay_share: float = 0.5
    weight_decay: float = 0.0
    ema_decay: float = 0.998
    checkpoint_minutes: float = 4.0
    log_every: int = 25


def saying(say: Say) -> Callable[[Event], None]:
    """Return a sink for a reporter that tells stages, notices and now and then the loss in plain lines."""
    told_s = 0.0

    def sink(event: Event) -> None:
        nonlocal told_s
        match event:
            case StageChanged(stage=stage):
                say(stage)
            case Notice(message=message):
                say(message)
            case MetricLogged(step=step, values=values, time_s=now) if "loss" in values and now - told_s > TELL_EVERY_S:
                told_s = now
                say(f"step {step}  loss {values['loss']:.4f}  {values['images_per_s']:.1f} images/s")

    return sink


def learning_rate_at(step: int, recipe: FitRecipe) -> float:
    """Return the learning rate of 0-based step `step`."""
    warm = min(1.0, (step + 1) / recipe.warmup_steps)
    start = recipe.steps * (1 - recipe.decay_share)
    done = max(0.0, (step - start) / max(1.0, recipe.steps - start))
    return recipe.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * done))


def fit(
    module: nn.Module,
    loss_at: Callable[[int], Tensor],
    recipe: FitRecipe,
    folder: Path,
    say: Say,
) -> None:
    """Minimise loss_at(step) over the module's parameters and leave their averages in the module.

    Resumes from the newest checkpoint in `folder`; a loss that is not finite stops the run with FloatingPointError
    before it can spoil the weights.
    """
    parameters = list(module.parameters())
    optimizer = Muon(module.named_parameters(), recipe.learning_rate, weight_decay=recipe.weight_decay)
    ema = Ema(parameters, recipe.ema_decay)
    first = 0
    if found := newest_state(folder, lambda damaged: say(f"{damaged.name} is damaged; the one before it is taken")):
        path, state = found
        module.load_state_dict(state["module"])
        optimizer.load_state_dict(state["optimizer"])
        ema.load_state_dict(state["ema"])
        first = read_manifest(path).step
        say(f"resuming at step {first} of {recipe.steps}")

    def save(step: int) -> None:
        state = {"module": module.state_dict(), "optimizer": optimizer.state_dict(), "ema": ema.state_dict()}
        save_checkpoint(folder, step, state, keep=1)

    saved_at, logged_at, running = time.monotonic(), time.monotonic(), 0.0
    for step in range(first, recipe.steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate_at(step, recipe)
        loss = loss_at(step)
        loss.backward()
        value = loss.item()
        if not math.isfinite(value):
            raise FloatingPointError(f"the loss is {value} at step {step}")
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        ema.update(step + 1)
        running += value
        if (step + 1) % recipe.log_every == 0:
            now = time.monotonic()
            step_s = (now - logged_at) / recipe.log_every
            left_min = (recipe.steps - step - 1) * step_s / 60
            loss_now = running / recipe.log_every
            say(f"step {step + 1}/{recipe.steps}  loss {loss_now:.4f}  {step_s:.2f} s/step  {left_min:.0f} min left")
            logged_at, running = now, 0.0
        if time.monotonic() - saved_at > 60 * recipe.checkpoint_minutes:
            save(step + 1)
            saved_at = time.monotonic()
    save(recipe.steps)
    ema.copy_to_parameters()
