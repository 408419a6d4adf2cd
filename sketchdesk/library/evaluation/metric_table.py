"""Everything that was measured in one variant as one table: a row for each number and model, votes among them."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.distributions import wilson
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.findings import Interval, Pair, SetScore
from sketchdesk.library.evaluation.metric_catalogue import VALUES, better_of, title_of
from sketchdesk.library.evaluation.studies import ModelFindings, StudyImage, VariantFindings
from sketchdesk.library.evaluation.votes import Counted
from sketchdesk.library.wording.number_words import number, signed, span

VOTES = "votes"


class MetricRow(Struct, frozen=True, kw_only=True):
    """One number of one model."""

    metric: str
    """library.evaluation.metric_catalogue's name; "cosine", "colourfulness", VOTES."""
    model: str
    value: float
    low: float | None = None
    high: float | None = None
    """Of the 95 % interval; None where there is none."""
    deviation: float | None = None
    """Over parts of the set; None where the number is not made of parts."""
    images: int
    difference: Interval | None = None
    """To the first model, at the same prompts and seeds; in the second model's row only."""
    agreed: tuple[int, int] | None = None
    """How many blind votes chose the picture it scores higher, of how many; in the second model's row only."""
    distribution: tuple[float, ...] = ()
    """Every picture's value."""

    @property
    def better(self) -> str:
        """What is better: "higher", "lower" or "neither"."""
        return "higher" if self.metric == VOTES else better_of(self.metric)


def metric_rows(pair: Pair, variant: VariantFindings, counted: Counted | None = None) -> list[MetricRow]:
    """Return a row for every number and model, in the order of the catalogue; `counted` are the votes, if any."""
    names = {name for model in variant.models for name in _intervals(model)} | {one.metric for one in variant.sets}
    order = [name for name in ("cosine", "colourfulness", *VALUES) if name in names]
    rows = []
    for metric in dict.fromkeys(order):
        rows += [_of_images(pair, variant, model, metric, counted) for model in variant.models
                 if metric in _intervals(model)]  # fmt: skip
        rows += [_of_set(one) for one in variant.sets if one.metric == metric]
    return [*rows, *_of_votes(pair, counted)]


def _intervals(model: ModelFindings) -> Mapping[str, Interval]:
    own = {"cosine": model.cosine, "colourfulness": model.colourfulness}
    return {name: found for name, found in own.items() if found} | model.metrics


def _of_images(
    pair: Pair, variant: VariantFindings, model: ModelFindings, metric: str, counted: Counted | None
) -> MetricRow:
    found, is_second = _intervals(model)[metric], model.name == pair.tuned
    compared = {"cosine": variant.cosine, "colourfulness": variant.colourfulness} | variant.comparisons
    comparison = compared.get(metric) if is_second else None
    values = [value for image in variant.images if image.model == model.name
              and (value := value_of(image, metric)) is not None]  # fmt: skip
    votes_alike = metric == "cosine" or (metric in VALUES and VALUES[metric].better == "higher")
    return MetricRow(
        metric=metric, model=model.name, value=found.mean, low=found.low, high=found.high, images=len(values),
        difference=comparison.difference if comparison else None, distribution=tuple(values),
        agreed=counted.agreement.get(metric) if counted and is_second and votes_alike else None,
    )  # fmt: skip


def _of_set(one: SetScore) -> MetricRow:
    low, high = (one.interval.low, one.interval.high) if one.interval else (None, None)
    return MetricRow(
        metric=one.metric, model=one.model, value=one.value, low=low, high=high, deviation=one.deviation,
        images=one.images,
    )  # fmt: skip


def _of_votes(pair: Pair, counted: Counted | None) -> list[MetricRow]:
    """Return each model's share of the votes that were for one of the two, with Wilson's interval (1927)."""
    decided = counted.wins + counted.losses if counted else 0
    if not counted or not decided:
        return []
    rows = []
    for model, won in ((pair.base, counted.losses), (pair.tuned, counted.wins)):
        low, high = wilson(won, decided)
        rows.append(MetricRow(metric=VOTES, model=model, value=won / decided, low=low, high=high, images=decided))
    return rows


def value_of(image: StudyImage, metric: str) -> float | None:
    """Return what a metric measured on a picture; None for what it did not."""
    if metric == "cosine":
        return image.cosine
    if metric == "colourfulness":
        return image.colourfulness
    value = image.values.get(metric)
    return float(value) if isinstance(value, int | float) else None


def metric_name(metric: str) -> str:
    """Return what a row's number is called, in the language in use."""
    return _("Blind votes won, share") if metric == VOTES else title_of(metric)


def better_words(row: MetricRow) -> str:
    """Say which way is better."""
    return {"higher": _("higher"), "lower": _("lower")}.get(row.better, "–")


def sure_words(row: MetricRow) -> str:
    """Return the interval, the spread over parts, or a dash for a number that has neither."""
    if row.low is not None and row.high is not None:
        return span(row.low, row.high)
    return "–" if row.deviation is None else f"± {number(row.deviation)}"


def difference_words(row: MetricRow) -> str:
    """Return the difference to the first model with its interval; "" where the row has none."""
    found = row.difference
    if found is None:
        return ""
    if found.low is None or found.high is None:
        return signed(found.mean)
    return f"{signed(found.mean)} {span(found.low, found.high, signed)}"


def agreed_words(row: MetricRow) -> str:
    """Say how many votes the metric would have given alike; "" where there are none."""
    return "" if row.agreed is None else f"{row.agreed[0]} / {row.agreed[1]}"


def metric_titles(pair: Pair) -> list[str]:
    """Return the titles of the table's columns."""
    return [
        _("Metric"), _("Better"), _("Model"), _("Value"), _("95 % interval or ±"),
        _("To {model}").format(model=model_name(pair.base)), _("Votes agree"), _("Pictures"),
    ]  # fmt: skip


def metric_texts(row: MetricRow) -> list[str]:
    """Return a row's cells."""
    return [
        metric_name(row.metric), better_words(row), model_name(row.model), number(row.value), sure_words(row),
        difference_words(row), agreed_words(row), str(row.images),
    ]  # fmt: skip
