"""The report's tables of the other metrics: means of pictures, numbers of sets, what is likest to the training set."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.scores import NEAREST, Scored
from sketchdesk.engine.evaluation.summary import METRICS, MetricSummary
from sketchdesk.library.finding_words import interval_words, model_name
from sketchdesk.library.findings import SetScore
from sketchdesk.library.markup import Markup, element, together
from sketchdesk.library.metric_catalogue import VALUES, title_of
from sketchdesk.library.number_words import number

LIKEST = 12
"""Pictures shown beside the training picture they are most like."""


def metric_table(summaries: Sequence[MetricSummary], sets: Sequence[SetScore]) -> Markup:
    """Return a row for each other metric and model; nothing where only the cosine was asked for."""
    rows = [
        [title_of(summary.metric), _better(summary.metric), model_name(model), number(of.overall.mean),
         interval_words(of.overall, number), str(sum(of.images_of.values()))]
        for summary in summaries if summary.metric not in METRICS
        for model, of in summary.models.items()
    ]  # fmt: skip
    rows += [
        [title_of(one.metric), _better(one.metric), model_name(one.model), number(one.value), _spread(one),
         str(one.images)]
        for one in sets
    ]  # fmt: skip
    if not rows:
        return Markup()
    header = [_("Metric"), _("Better"), _("Model"), _("Value"), _("How sure"), _("Pictures")]
    return together(
        element("h3", _("Other metrics")),
        element(
            "div",
            element(
                "table",
                element("thead", element("tr", *(element("th", title) for title in header))),
                element("tbody", *(element("tr", *_cells(row, header)) for row in rows)),
            ),
            class_="panel",
        ),
    )


def likest(scored: Sequence[Scored]) -> list[tuple[Scored, Path | None, str, float]]:
    """Return the pictures most like one of the training set: the picture, that one's file and name, and the cosine.

    The file is None where the training set is not made of files.
    """
    found = []
    for one in scored:
        value, name = one.row.values.get("nearest_training"), one.row.values.get(NEAREST)
        if isinstance(value, float) and isinstance(name, str):
            path = Path(name)
            found.append((one, path if path.is_file() else None, name, value))
    return sorted(found, key=lambda row: -row[3])[:LIKEST]


def _cells(row: Sequence[str], header: Sequence[str]) -> list[Markup]:
    first = element("th", row[0])
    return [first, *(element("td", text, data_label=title) for text, title in zip(row[1:], header[1:], strict=True))]


def _better(metric: str) -> str:
    words = {"higher": _("higher"), "lower": _("lower"), "neither": "–"}
    return words[VALUES[metric].better] if metric in VALUES else ""


def _spread(one: SetScore) -> str:
    if one.deviation is None:
        return _("one number of the whole set")
    return _("± {deviation} over its parts").format(deviation=number(one.deviation))
