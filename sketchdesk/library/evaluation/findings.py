"""What was found out about models, as plain numbers: means with intervals, and the comparison of two models.

The engine computes them, study.json keeps them, the window and the reports put them into words.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from sketchdesk.contracts.text import N_

Method = Literal["t", "bootstrap", "welch", "wilson", "none"]

LEVEL = 0.95
POWER = 0.8
"""How often a study of the size it is told to need would find the difference."""
BOOTSTRAP_PROMPTS = 30
"""From so many prompts on, intervals are made by a bootstrap; below, by Student's t."""
FEW_PROMPTS = 5
"""With fewer, how much of the variance is the prompts' own cannot be said."""
RESAMPLES = 4000


class Verdict(StrEnum):
    """What an interval allows one to say; the value is the plain words, marked for translation."""

    HIGHER = N_("higher")
    LOWER = N_("lower")
    NOT_SHOWN = N_("no difference shown at this size")


class Interval(Struct, frozen=True):
    """A mean and where it may lie. One value gives no interval: method "none", low and high None."""

    mean: float
    low: float | None
    high: float | None
    method: Method
    units: int
    """How many independent values it rests on: prompts, or for one prompt its images."""

    @property
    def verdict(self) -> Verdict:
        """Read as a difference: higher or lower only where the whole interval is on one side of zero."""
        if self.low is not None and self.low > 0:
            return Verdict.HIGHER
        if self.high is not None and self.high < 0:
            return Verdict.LOWER
        return Verdict.NOT_SHOWN


class Needed(Struct, frozen=True):
    """The size at which a difference like the one seen would be told from none, four times in five."""

    prompts: int
    """With as many images of each prompt as there are."""
    images: int | None
    """Of each of the prompts there are; None where no number of images would do, because the prompts differ.
    None also below FEW_PROMPTS."""


class Comparison(Struct, frozen=True, kw_only=True):
    """Tuned minus base over pairs of the same prompt and the same seed."""

    difference: Interval
    by_prompt: dict[str, Interval]
    """Interval over the seeds of that prompt alone."""
    pairs: int
    wins: int
    ties: int
    sign_test_p: float
    """Exact and two-sided over images; ties left out. It speaks of these prompts, not of prompts in general."""
    effect_size: float | None
    """Cohen's d_z: mean over standard deviation of the prompts' mean differences; None where that is not defined."""
    needed: Needed | None = None
    """How large a study would tell a difference as large as the one seen; None where none was seen."""

    @property
    def win_rate(self) -> float:
        """Share of pairs in which tuned scores higher, 0..1; a tie counts half."""
        return (self.wins + self.ties / 2) / self.pairs

    @property
    def verdict(self) -> Verdict:
        """What the interval of the difference allows one to say."""
        return self.difference.verdict


class Pair(Struct, frozen=True):
    """The two models whose images of the same prompt and seed are compared; the difference is tuned − base."""

    base: str
    tuned: str


BASE_AND_TUNED = Pair("base", "tuned")


class SetScore(Struct, frozen=True, kw_only=True):
    """A number about all of one model's pictures together, such as FID."""

    experiment: str
    model: str
    metric: str
    """One of library.evaluation.metric_catalogue.VALUES."""
    value: float
    deviation: float | None = None
    """Over parts of the set; None where it is not made of parts."""
    interval: Interval | None = None
    """Where the number may lie, by what its prompts show; None where that is not known."""
    images: int


class Standing(Struct, frozen=True, kw_only=True):
    """One model's place among several, by one metric."""

    model: str
    mean: Interval
    to_best: Interval | None
    """This model minus the first one, over pairs of the same prompt and seed; None for the first, and without pairs."""
    p: float | None
    """Of that difference, corrected for all pairs of models (Holm); None for the first."""
    may_be_best: bool
    """Whether it is not told apart from the first."""
