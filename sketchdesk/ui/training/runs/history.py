"""What happened in a run, sorted for the eye: numbers, pictures, and what is worth a line in the log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from sketchdesk.contracts.events import (
    CheckpointSaved,
    Event,
    JobEnded,
    JobStarted,
    MetricLogged,
    Notice,
    PreviewReady,
    StageChanged,
    StepDone,
)
from sketchdesk.ui.training.charts.metric_series import Series, Values

Numbers = dict[str, tuple[Values, Values]]
"""Steps and values by name."""

TOLD = (JobStarted, StageChanged, CheckpointSaved, Notice, JobEnded)
"""The events that the log tells."""
MOST_TOLD = 5000
LEARNING = ("training", "reflow", "distillation", "matching")
"""The stages whose steps are the optimiser's: those of a training, and the phases of a distillation."""
TEACHER_STEP = -1
"""Where a distillation's teacher stands among the samples: before the student's first."""


@dataclass
class Part:
    """Some events, sorted by a thread; a History takes them in without work on the window's."""

    numbers: dict[str, tuple[list[int], list[float]]] = field(default_factory=dict)
    samples: list[PreviewReady] = field(default_factory=list)
    told: list[Event] = field(default_factory=list)
    stage: str | None = None
    progress: StepDone | None = None
    started: JobStarted | None = None
    ended: JobEnded | None = None
    count: int = 0

    @classmethod
    def of(cls, events: Iterable[Event]) -> Part:
        """Sort the events."""
        part = cls()
        for event in events:
            part._take(event)
        return part

    def _take(self, event: Event) -> None:
        self.count += 1
        if isinstance(event, MetricLogged):
            for name, value in event.values.items():
                steps, values = self.numbers.setdefault(name, ([], []))
                while steps and steps[-1] >= event.step:  # a resumed run goes over old ground
                    steps.pop()
                    values.pop()
                steps.append(event.step)
                values.append(value)
        elif isinstance(event, StepDone):
            self.progress = event
        elif isinstance(event, PreviewReady):
            self.samples.append(_placed(event))
        elif isinstance(event, TOLD):
            self.told.append(event)
            self._turn(event)

    def _turn(self, event: Event) -> None:
        if isinstance(event, JobStarted):
            self.started, self.ended, self.stage, self.progress = event, None, None, None
        elif isinstance(event, StageChanged):
            self.stage, self.progress = event.stage, None
        elif isinstance(event, JobEnded):
            self.ended, self.progress = event, None


class History:
    """Everything known of one run's course."""

    def __init__(self) -> None:
        self.numbers: dict[str, Series] = {}
        self.samples: dict[tuple[str, int], PreviewReady] = {}
        """By prompt and step; a picture drawn again after a resume takes the place of the old one."""
        self.told: list[Event] = []
        self.stage = ""
        self.progress: StepDone | None = None
        self.started: JobStarted | None = None
        self.ended: JobEnded | None = None

    def add(self, part: Part) -> None:
        """Take in what happened next."""
        for name, (steps, values) in part.numbers.items():
            self.numbers.setdefault(name, Series()).extend(steps, values)
        for sample in part.samples:
            self.samples[sample.prompt, sample.step] = sample
        self.told = (self.told + part.told)[-MOST_TOLD:]
        if part.started:
            self.started, self.ended, self.stage, self.progress = part.started, None, "", None
        if part.stage is not None:
            self.stage, self.progress = part.stage, None
        self.progress = part.progress or self.progress
        if part.ended:
            self.ended, self.progress = part.ended, None

    @property
    def step(self) -> int:
        """The last training step that is known."""
        if self.stage in LEARNING and self.progress:
            return self.progress.step
        loss = self.numbers.get("loss")
        return int(loss.steps[-1]) if loss and len(loss) else 0

    def numbers_now(self) -> Numbers:
        """Return a copy of the numbers for a thread to work with."""
        return {name: (series.steps.copy(), series.values.copy()) for name, series in self.numbers.items()}


def _placed(sample: PreviewReady) -> PreviewReady:
    """Put what a teacher drew, which belongs to no step of any number, before the steps."""
    return sample if sample.total or sample.step else msgspec.structs.replace(sample, step=TEACHER_STEP)


def rows_of(numbers: Numbers) -> list[tuple[int, dict[str, float]]]:
    """Return (step, {name: value}) for every step with a number, rising."""
    found: dict[int, dict[str, float]] = {}
    for name, (steps, values) in numbers.items():
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            found.setdefault(int(step), {})[name] = value
    return sorted(found.items())
