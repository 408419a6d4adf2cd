"""What the numbers say, in plain words: the same sentences for the terminal, the report and the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.statistics import BOOTSTRAP_PROMPTS, RESAMPLES, Comparison, Interval, Verdict
from sketchdesk.engine.evaluation.summary import MetricSummary

MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int = 3) -> str:
    """Return the value with a real minus sign."""
    return f"{value:.{digits}f}".replace("-", MINUS)


def signed(value: float, digits: int = 3) -> str:
    """Return a difference with its sign."""
    return f"{value:+.{digits}f}".replace("-", MINUS)


def p_words(p: float) -> str:
    """Return "p = 0.016", or that it is below a thousandth."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"


def interval_words(found: Interval, say: Callable[[float], str] = signed) -> str:
    """Return "95 % interval +0.012 to +0.034", or that there is none; `say` writes the numbers."""
    if found.low is None or found.high is None:
        return _("no interval from a single value")
    return _("95 % interval {low} to {high}").format(low=say(found.low), high=say(found.high))


def zero_words(found: Interval) -> str:
    """Say whether the interval excludes zero."""
    if found.low is None:
        return _("nothing can be said about chance")
    return _("zero is inside") if found.verdict is Verdict.NOT_SHOWN else _("zero is outside")


def cosine_sentence(comparison: Comparison) -> str:
    """Say in one sentence which model fits the texts better, by how much and how sure that is."""
    sentences = {
        Verdict.HIGHER: _("The fine-tuned model scores higher: {difference} ({interval}; {zero})."),
        Verdict.LOWER: _("The fine-tuned model scores lower: {difference} ({interval}; {zero})."),
        Verdict.NOT_SHOWN: _("No difference shown at this size: {difference} ({interval}; {zero})."),
    }
    found = comparison.difference
    return sentences[comparison.verdict].format(
        difference=signed(found.mean), interval=interval_words(found), zero=zero_words(found)
    )


def colour_sentence(summary: MetricSummary) -> str:
    """Say how colourful each model's pictures are and whether the difference is more than chance."""
    base, tuned = (summary.models[model].overall.mean for model in (summary.pair.base, summary.pair.tuned))
    means = _("Colourfulness (0 is black and white): base {base}, fine-tuned {tuned}").format(
        base=number(base), tuned=number(tuned)
    )
    if not summary.comparison:
        return means + "."
    found = summary.comparison.difference
    verdict = {
        Verdict.HIGHER: _("more colourful"),
        Verdict.LOWER: _("less colourful"),
        Verdict.NOT_SHOWN: _("no difference shown at this size"),
    }[found.verdict]
    return _("{means}; {verdict}: {difference} ({interval}; {zero}).").format(
        means=means, verdict=verdict, difference=signed(found.mean), interval=interval_words(found),
        zero=zero_words(found),
    )  # fmt: skip


def method_sentences(intervals: Iterable[Interval]) -> list[str]:
    """Say how each kind of interval among these was made."""
    words = {
        "t": _(
            "Intervals over {prompts} prompts: Student's t of the prompts' means, two-sided, 95 %. The images of one "
            "prompt resemble each other, so prompts are what is counted; below {limit} prompts this interval keeps "
            "its promise where a bootstrap would be too narrow."
        ),
        "bootstrap": _(
            "Intervals over {prompts} prompts: hierarchical bootstrap, {resamples} resamples of prompts and, within "
            "each, of images; the middle 95 %."
        ),
        "none": _("From a single prompt no interval can be made."),
    }
    kinds = dict.fromkeys((found.method, found.units) for found in intervals)
    return [
        words[method].format(prompts=units, limit=BOOTSTRAP_PROMPTS, resamples=RESAMPLES) for method, units in kinds
    ]
