"""A job's events as a progress line: drawn over itself on a terminal, said now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable

from sketchdesk.cli.console import Console
from sketchdesk.contracts.events import (
    CheckpointSaved,
    Event,
    JobEnded,
    JobStarted,
    MetricLogged,
    Notice,
    StageChanged,
    StepDone,
)
from sketchdesk.contracts.text import N_, _
from sketchdesk.library.wording.number_words import number

STAGES = (
    N_("loading"), N_("encoding"), N_("training"), N_("saving"), N_("drawing"), N_("scoring"), N_("writing"),
    N_("probing"), N_("validating"), N_("asking"), N_("checking"), N_("downloading"), N_("copying"),
    N_("measuring"), N_("pairs"), N_("timing"),
)  # fmt: skip
"""The stages the engine names, listed so that they are translated; one that is not is shown as it is."""
BAR_CELLS = 24
_UNITS = {"GiB": 1024**3, "MiB": 1024**2, "KiB": 1024}
TERMINAL_INTERVAL_S = 0.1
PLAIN_INTERVAL_S = 5.0


class Progress:
    """Follows one job. Give it every event, in order; it writes to the console's standard error only."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._interval_s = TERMINAL_INTERVAL_S if console.is_terminal else PLAIN_INTERVAL_S
        self._drawn_at_s = float("-inf")
        self._stage = ""
        self._loss: float | None = None

    def __call__(self, event: Event) -> None:
        """Show an event, if it is worth showing and time for it."""
        match event:
            case JobStarted():
                place = [event.device, event.precision]
                if event.num_threads:
                    place.append(_("{count} threads").format(count=event.num_threads))
                if event.device:
                    self._console.say(_("Running on {place}.").format(place=", ".join(filter(None, place))))
            case StageChanged():
                counted = f" {event.index + 1}/{event.total}" if event.total > 1 else ""
                self._stage = _(event.stage) + counted
                self._loss = None
                self._drawn_at_s = float("-inf")
                self._draw(self._stage + " …")
            case MetricLogged():
                self._loss = event.values.get("loss")
            case StepDone():
                self._step(event)
            case CheckpointSaved():
                self._console.say(_("Checkpoint of step {step}: {path}").format(step=event.step, path=event.path))
            case Notice():
                self._console.say(event.message)
            case JobEnded():
                self._console.status("") if self._console.is_terminal else None
            case _:
                pass

    def _step(self, event: StepDone) -> None:
        now_s = self._clock()
        if event.step >= event.total or now_s - self._drawn_at_s >= self._interval_s:
            self._drawn_at_s = now_s
            self._draw(step_line(self._stage, event, self._loss))

    def _draw(self, line: str) -> None:
        if self._console.is_terminal:
            self._console.status(line)
        else:
            self._console.say(line)


def step_line(stage: str, step: StepDone, loss: float | None = None) -> str:
    """Return one line: stage, bar, steps, rate, loss, time left."""
    share = min(1.0, step.step / step.total) if step.total else 1.0
    filled = round(BAR_CELLS * share)
    in_bytes = step.unit == "byte"
    count = bytes_text(step.step, step.total) if in_bytes else f"{step.step}/{step.total}"
    parts = [stage, f"[{'#' * filled}{'.' * (BAR_CELLS - filled)}]", count]
    if step.rate_per_s:
        speed = _("{rate}/s").format(rate=size_text(step.rate_per_s))
        parts.append(speed if in_bytes else rate_text(step.rate_per_s))
    if loss is not None:
        parts.append(_("loss {loss}").format(loss=number(loss, 4)))
    if step.eta_s:
        parts.append(_("{time} left").format(time=duration_text(step.eta_s)))
    return "  ".join(parts)


def rate_text(rate_per_s: float) -> str:
    """Return a rate that reads well: steps a second when there are many, seconds a step when there are few."""
    if rate_per_s >= 1:
        return _("{rate}/s").format(rate=number(rate_per_s, 1))
    return _("{seconds} s each").format(seconds=number(1 / rate_per_s, 1))


def bytes_text(done: float, total: float) -> str:
    """Return how much of how much, in the unit of the whole: 1.2/4.8 GiB."""
    return f"{number(done / _UNITS[_unit(total)], 1)}/{size_text(total)}"


def size_text(size_bytes: float) -> str:
    """Return a size in the unit that fits: 4.8 GiB."""
    unit = _unit(size_bytes)
    return f"{number(size_bytes / _UNITS[unit], 1)} {unit}"


def _unit(size_bytes: float) -> str:
    return next((unit for unit, size in _UNITS.items() if size_bytes >= size), "KiB")


def duration_text(seconds: float) -> str:
    """Return a time as m:ss, or h:mm:ss from an hour on."""
    minutes, second = divmod(round(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
