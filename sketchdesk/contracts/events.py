"""The events: everything an engine tells about a job, in the order it happened.

Fractions are 0..1, times are seconds, unknown is None. The names and fields are frozen by a test: the dashboard of a
run is a replay of them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Fraction = Annotated[float, Meta(ge=0.0, le=1.0)]
EndState = Literal["done", "failed", "canceled"]


class _Event(Struct, frozen=True, kw_only=True, tag=True, omit_defaults=True):
    job_id: str = ""
    time_s: float = 0.0
    """Unix time at which it happened; the reporter fills in both."""


class JobStarted(_Event, frozen=True, kw_only=True):
    """The engine took the job."""

    pid: int
    device: str | None = None
    precision: str | None = None
    num_threads: int | None = None


class StageChanged(_Event, frozen=True, kw_only=True):
    """A new part of the job begins: "loading", "denoising", "scoring" …"""

    stage: str
    index: int = 0
    total: int = 1


class StepDone(_Event, frozen=True, kw_only=True):
    """So much of the stage is done. `rate_per_s` is in the same unit."""

    step: int
    total: int
    eta_s: float | None = None
    rate_per_s: float | None = None
    unit: Literal["step", "byte"] = "step"


class PreviewReady(_Event, frozen=True, kw_only=True):
    """A picture of the work in progress."""

    path: str
    prompt: str = ""
    seed: int | None = None
    step: int = 0
    total: int = 0


class ImageSaved(_Event, frozen=True, kw_only=True):
    """A finished image is on disk, whole."""

    path: str
    prompt: str
    seed: int
    width: int
    height: int
    seconds: float


class MetricLogged(_Event, frozen=True, kw_only=True):
    """Numbers of one training step: loss, lr, grad_norm, images_per_s, memory_gib (the most so far), ema_decay …

    cpu, cpu_all and gpu are shares in percent, of this process, of everything and of a card; memory_now_gib is held.
    """

    step: int
    values: dict[str, float]


class CheckpointSaved(_Event, frozen=True, kw_only=True):
    """Training can be resumed from here."""

    step: int
    path: str


class ScoreReady(_Event, frozen=True, kw_only=True):
    """One image was scored."""

    path: str
    prompt: str
    values: dict[str, float]
    caption: str | None = None


class CaptionReady(_Event, frozen=True, kw_only=True):
    """A caption was written for one picture of a data set, and is on disk."""

    key: str
    """What names the picture within its set."""
    caption: str


class DeviceFound(_Event, frozen=True, kw_only=True):
    """One device and what works on it."""

    device: str
    name: str
    memory_gib: float
    precisions: tuple[str, ...]
    preferred: str


class Notice(_Event, frozen=True, kw_only=True):
    """One sentence the person should see; the job goes on."""

    message: str
    level: Literal["info", "warning"] = "info"


class JobEnded(_Event, frozen=True, kw_only=True):
    """The last event of every job. `result` holds the paths and numbers the job was for."""

    state: EndState
    kind: str | None = None
    message: str = ""
    next_step: str = ""
    details: str = ""
    result: dict[str, str | int | float | None] = {}


Event = (
    JobStarted | StageChanged | StepDone | PreviewReady | ImageSaved | MetricLogged | CheckpointSaved | ScoreReady
    | CaptionReady | DeviceFound | Notice | JobEnded
)
