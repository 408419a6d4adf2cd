"""How long the stages of a distillation take: as long as earlier ones, or reckoned in passes of the U-Net.

A backward pass counts as two. Reckoned times come from a training's images a second, or from past pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from sketchdesk.contracts.events import Event, JobStarted, MetricLogged, StageChanged, StepDone
from sketchdesk.contracts.jobs import DistillJob, GenerateJob, PromptRow
from sketchdesk.library.distillation.settings import phases_of
from sketchdesk.library.drawing import forecast as forecast_draw
from sketchdesk.library.images.metadata import ImageRecord
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.models.draw_facts import DrawFacts
from sketchdesk.library.runs.events import read_events
from sketchdesk.library.runs.runs import list_runs
from sketchdesk.library.training.forecast import Speed

Basis = Literal["same", "training", "drawing", "none"]
"""What a time is reckoned from: distillations of the kind, trainings of the model, or pictures of it."""
Range = tuple[float, float]

PAIRS = "pairs"
"""The stage in which they are drawn."""
TRAIN_PASSES = 3
"""A forward pass and a backward one."""
SURE, RECKONED = (0.85, 1.15), (0.6, 1.6)
"""What a time measured on the same work is multiplied with, and one reckoned from other work."""


class WorkSpeed(Struct, frozen=True, kw_only=True):
    """How fast a stage of an earlier distillation was, and what decides that."""

    model: str
    device: str
    resolution: int | None
    stage: str
    """"pairs", or a phase."""
    work: float
    """Passes of the U-Net for one picture: `work_of`."""
    per_s: float
    """Pairs, or images trained on."""
    threads: Threads = Threads()


def work_of(job: DistillJob, stage: str, guided: bool, likeness: float = 0.0) -> float:
    """Return how many passes of the U-Net one picture takes in a stage: a pair drawn, or an image of a training step.

    `likeness` is how many a comparison with a pair's picture is worth (likeness_passes). Matching walks the student on
    average (k − 1) / 2 steps without gradients, asks teacher (twice if guided) and critic once, and trains the critic
    `critic_updates` times on a walk each; pairs that still count are one more step.
    """
    if stage == PAIRS:
        return job.num_inference_steps * (2 if guided else 1) * forecast_draw.PASSES.get(job.sampler or "", 1)
    trained = _trained(job)
    if stage != "matching":
        return trained + (likeness if stage == "distillation" else 0)
    walk = (job.student_steps - 1) / 2
    asked = 1 + (2 if job.matching_guidance_scale > 1 else 1)
    critic = job.critic_updates * (walk + 1 + trained)
    return trained + walk + asked + critic + (trained + likeness if job.matching_pairs_weight else 0)


def _trained(job: DistillJob) -> int:
    """Return the passes of one that is trained on: there and back, and once more there where little is kept."""
    return TRAIN_PASSES + job.gradient_checkpointing


def is_guided(job: DistillJob, drawing: DrawFacts) -> bool:
    """Tell whether the teacher draws the pairs with guidance."""
    return (drawing.guidance_scale if job.guidance_scale is None else job.guidance_scale) > 1


@dataclass(frozen=True)
class Reckoner:
    """A job with everything that is known of how fast this machine does such work."""

    job: DistillJob
    drawing: DrawFacts
    device: str
    """"cpu", "cuda:0" …; what was measured on others does not count."""
    precision: str
    side: int
    """Of the pictures, in pixels."""
    records: Sequence[ImageRecord] = ()
    """Past pictures of the teacher, newest first."""
    speeds: Sequence[WorkSpeed] = ()
    trainings: Sequence[Speed] = ()
    likeness: float = 0.0
    """Passes of the U-Net that a comparison with a pair's picture is worth; see likeness_passes."""

    def pairs(self, missing: int) -> tuple[Range | None, Basis]:
        """Return between how many seconds the missing pairs are drawn, and what that is reckoned from."""
        if not missing:
            return (0.0, 0.0), "same"
        each = self._known(PAIRS)
        if each is not None:
            return (missing * each[0], missing * each[1]), "same"
        each = self._picture()
        return (None, "none") if each is None else ((missing * each[0], missing * each[1]), "drawing")

    def training(self) -> tuple[Range | None, Basis]:
        """Return between how many seconds all phases take, and the weakest of what that is reckoned from."""
        low = high = 0.0
        bases: list[Basis] = []
        for phase, steps in phases_of(self.job).items():
            each, basis = self._image(phase)
            if each is None:
                return None, "none"
            images = steps * self.job.train_batch_size * self.job.gradient_accumulation_steps
            low, high = low + images * each[0], high + images * each[1]
            bases.append(basis)
        weakest: list[Basis] = ["drawing", "training", "same"]
        return (low, high), next((basis for basis in weakest if basis in bases), "none")

    def _image(self, phase: str) -> tuple[Range | None, Basis]:
        """Return the seconds of one image of a phase's training steps."""
        if (each := self._known(phase)) is not None:
            return each, "same"
        job, work = self.job, work_of(self.job, phase, self._guided, self.likeness)
        asked = (job.model, self.device, job.gradient_checkpointing)
        rates = [
            speed.images_per_s for speed in self.trainings
            if (speed.model, speed.device, speed.gradient_checkpointing) == asked and self._is_alike(speed)
        ]  # fmt: skip
        one = self._pass()
        if rates:  # a training's step holds more than its passes; what a phase has beyond such a step are passes
            low, high = _between([1 / rate for rate in rates], RECKONED)
            passes = _trained(job)
            least, most = one or (low / passes, high / passes)
            more = work - passes
            return (low + more * least, high + more * most), "training"
        return ((work * one[0], work * one[1]), "drawing") if one else (None, "none")

    def _pass(self) -> Range | None:
        """Return between how many seconds one pass of the U-Net takes, reckoned from past pictures."""
        picture, work = self._picture(), work_of(self.job, PAIRS, self._guided)
        return (picture[0] / work * RECKONED[0], picture[1] / work * RECKONED[1]) if picture else None

    def _known(self, stage: str) -> Range | None:
        """Return the seconds one picture takes in a stage, by earlier distillations of this model on this device."""
        work = work_of(self.job, stage, self._guided)
        asked = (stage, self.job.model, self.device)
        found = [
            work / (speed.per_s * speed.work) for speed in self.speeds
            if (speed.stage, speed.model, speed.device) == asked and self._is_alike(speed)
        ]  # fmt: skip
        return _between(found, SURE) if found else None

    def _picture(self) -> Range | None:
        """Return the seconds one of the teacher's pictures takes, by past ones."""
        job = self.job
        asked = GenerateJob(
            model=job.model, prompts=(PromptRow(prompt=""),), out_dir="", num_inference_steps=job.num_inference_steps,
            guidance_scale=job.guidance_scale, sampler=job.sampler, width=self.side, height=self.side,
            batch_size=job.pairs_batch_size,
        )  # fmt: skip
        found = forecast_draw.forecast(asked, self.drawing, self.records, self.device, self.precision)
        if found.seconds is None:
            return None
        return _between([found.seconds], SURE if found.basis == "same" else RECKONED)

    def _is_alike(self, speed: WorkSpeed | Speed) -> bool:
        """Tell whether it was measured at this size, and with as many threads."""
        is_size = speed.resolution in (self.job.resolution, self.side)
        return is_size and speed.threads.are_for(self.job.num_threads, self.device)

    @property
    def _guided(self) -> bool:
        return is_guided(self.job, self.drawing)


def past_speeds() -> Iterator[WorkSpeed]:
    """Yield how fast the stages of this data folder's distillations were. Reads the disk."""
    for run in list_runs():
        if isinstance(run.job, DistillJob):
            yield from speeds_in(run.job, read_events(run.folder)[0])


def speeds_in(job: DistillJob, events: Sequence[Event]) -> list[WorkSpeed]:
    """Return how fast a distillation's stages were, by its events."""
    device, stage, threads = "", "", Threads()
    seen: dict[str, list[float]] = {}
    for event in events:
        match event:
            case JobStarted():
                device, threads = event.device or "", Threads(asked=job.num_threads, used=event.num_threads)
            case StageChanged():
                stage = event.stage
            case StepDone() if stage == PAIRS and event.rate_per_s:
                seen[stage] = [event.rate_per_s]  # of the whole stage so far
            case MetricLogged() if stage in phases_of(job) and event.values.get("images_per_s"):
                seen.setdefault(stage, []).append(event.values["images_per_s"])
    guided = job.guidance_scale is None or job.guidance_scale > 1
    return [
        WorkSpeed(
            model=job.model, device=device, resolution=job.resolution, stage=name,
            work=work_of(job, name, guided), per_s=sum(rates) / len(rates), threads=threads,
        )
        for name, rates in seen.items() if device
    ]  # fmt: skip


def _between(values: Sequence[float], margin: Range) -> Range:
    return min(values) * margin[0], max(values) * margin[1]
