"""From scored images to summaries: every model's means, and what changed between two models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import msgspec

from sketchdesk.engine.evaluation.leaderboard import leaderboard
from sketchdesk.engine.evaluation.scores import ALL_PROMPTS, Scored, SummaryRow
from sketchdesk.engine.evaluation.set_intervals import mean_share_interval
from sketchdesk.engine.evaluation.statistics import Groups, compare, interval, prompt_means, t_interval
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Comparison, Interval, Pair, SetScore, Standing
from sketchdesk.library.evaluation.metric_catalogue import VALUES

METRICS: dict[str, Callable[[Scored], float | None]] = {
    "cosine": lambda one: one.row.cosine,
    "colourfulness": lambda one: one.colourfulness,
}
"""Of every picture; what other metrics measured follows them (see _measures)."""
_DRAWING = re.compile(r"\b(sketch|drawing|black and white)\b", re.IGNORECASE)


@dataclass(frozen=True)
class ModelSummary:
    """One metric of one model. Means are over prompts; a prompt's own interval is over its images."""

    overall: Interval
    by_prompt: dict[str, Interval]
    images_of: dict[str, int]


@dataclass(frozen=True)
class MetricSummary:
    """One metric of one experiment."""

    experiment: str
    metric: str
    models: dict[str, ModelSummary]
    pair: Pair
    comparison: Comparison | None
    """None where the two models of the pair have no image of the same prompt and seed."""
    standings: tuple[Standing, ...] = ()
    """All models in their order, the best first; empty where there is only one, or no seed is known."""


def summarise(scored: Sequence[Scored], pair: Pair = BASE_AND_TUNED) -> list[MetricSummary]:
    """Return a summary for each experiment and each metric that was measured, in the order met."""
    summaries = []
    for experiment in dict.fromkeys(one.row.experiment for one in scored):
        of_experiment = [one for one in scored if one.row.experiment == experiment]
        for metric, value_of in _measures(of_experiment).items():
            measured = [(one, value) for one in of_experiment if (value := value_of(one)) is not None]
            if measured:
                summaries.append(_summary(experiment, metric, measured, pair))
    return summaries


def _measures(scored: Sequence[Scored]) -> dict[str, Callable[[Scored], float | None]]:
    names = dict.fromkeys(name for one in scored for name, value in one.row.values.items() if name in VALUES)
    return METRICS | {name: partial(_number, name) for name in names}


def _number(name: str, one: Scored) -> float | None:
    value = one.row.values.get(name)
    return value if isinstance(value, float) else None


def _summary(experiment: str, metric: str, measured: list[tuple[Scored, float]], pair: Pair) -> MetricSummary:
    groups: dict[str, dict[str, list[float]]] = {}
    seeds: dict[str, dict[tuple[str, int], float]] = {pair.base: {}, pair.tuned: {}}
    for one, value in measured:
        row = one.row
        groups.setdefault(row.model, {}).setdefault(row.prompt, []).append(value)
        if row.seed is not None:
            seeds.setdefault(row.model, {})[row.prompt, row.seed] = value
    is_share = metric in VALUES and VALUES[metric].is_share
    over_prompts, over_images = (_share_over_prompts, mean_share_interval) if is_share else (interval, t_interval)
    models = {
        model: ModelSummary(
            overall=over_prompts(by_prompt),
            by_prompt={prompt: over_images(values) for prompt, values in by_prompt.items()},
            images_of={prompt: len(values) for prompt, values in by_prompt.items()},
        )
        for model, by_prompt in groups.items()
    }
    base, tuned = seeds[pair.base], seeds[pair.tuned]
    comparison = compare(base, tuned) if base.keys() & tuned.keys() else None
    lower = metric in VALUES and VALUES[metric].better == "lower"
    standings = leaderboard(seeds, lower, over_prompts) if sum(map(bool, seeds.values())) > 1 else ()
    return MetricSummary(experiment, metric, models, pair, comparison, standings)


def _share_over_prompts(groups: Groups) -> Interval:
    return mean_share_interval(prompt_means(groups))


def summary_rows(summaries: Iterable[MetricSummary]) -> list[SummaryRow]:
    """Return the rows of summary.csv: for each summary first all prompts, then each prompt."""
    rows = []
    for summary in summaries:
        for model, means in summary.models.items():
            counts = {ALL_PROMPTS: sum(means.images_of.values()), **means.images_of}
            intervals = {ALL_PROMPTS: means.overall, **means.by_prompt}
            rows += [_row(summary, prompt, model, counts[prompt], found) for prompt, found in intervals.items()]
        if summary.comparison:
            rows += _difference_rows(summary, summary.comparison)
    return rows


def set_rows(sets: Iterable[SetScore]) -> list[SummaryRow]:
    """Return the rows of summary.csv for numbers about whole sets, by their interval or a standard deviation away."""
    return [
        SummaryRow(
            experiment=one.experiment, metric=one.metric, prompt=ALL_PROMPTS, model=one.model, images=one.images,
            mean=one.value, low=low, high=high, method=one.interval.method if one.interval else "set",
        )
        for one in sets for low, high in (_limits(one),)
    ]  # fmt: skip


def _limits(one: SetScore) -> tuple[float | None, float | None]:
    if one.interval:
        return one.interval.low, one.interval.high
    return (None, None) if one.deviation is None else (one.value - one.deviation, one.value + one.deviation)


def _difference_rows(summary: MetricSummary, comparison: Comparison) -> list[SummaryRow]:
    model = f"{summary.pair.tuned} - {summary.pair.base}"
    overall = msgspec.structs.replace(
        _row(summary, ALL_PROMPTS, model, comparison.pairs, comparison.difference),
        win_rate=comparison.win_rate, sign_test_p=comparison.sign_test_p, effect_size=comparison.effect_size,
    )  # fmt: skip
    each = [_row(summary, prompt, model, found.units, found) for prompt, found in comparison.by_prompt.items()]
    verdicts = [found.verdict for found in (comparison.difference, *comparison.by_prompt.values())]
    rows = (overall, *each)
    return [msgspec.structs.replace(row, verdict=said.value) for row, said in zip(rows, verdicts, strict=True)]


def _row(summary: MetricSummary, prompt: str, model: str, images: int, found: Interval) -> SummaryRow:
    return SummaryRow(
        experiment=summary.experiment, metric=summary.metric, prompt=prompt, model=model, images=images,
        mean=found.mean, low=found.low, high=found.high, method=found.method,
    )  # fmt: skip


def called_drawings(scored: Iterable[Scored], experiment: str, model: str) -> tuple[int, int]:
    """Return how many of a model's captioned images the captioner calls a drawing, and how many were captioned."""
    captions = [
        one.row.caption
        for one in scored
        if one.row.experiment == experiment and one.row.model == model and one.row.caption
    ]
    return sum(map(is_called_drawing, captions)), len(captions)


def is_called_drawing(caption: str) -> bool:
    """Tell whether a caption calls its picture a drawing, a sketch, or black and white."""
    return bool(_DRAWING.search(caption))
