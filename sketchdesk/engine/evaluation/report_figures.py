"""The report's figures: the cards with the numbers that matter, and the table with an interval drawn in every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sketchdesk.contracts.text import _, ngettext
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.summary import METRICS, MetricSummary, ModelSummary, called_drawings
from sketchdesk.library.evaluation.finding_words import interval_text, interval_words, model_name, p_words
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Comparison, Interval, Pair, Verdict
from sketchdesk.library.wording.axis_marks import reach_of
from sketchdesk.library.wording.markup import Markup, element, together
from sketchdesk.library.wording.number_words import number, signed

CHART_WIDTH, CHART_HEIGHT, MARGIN = 190, 24, 8
MAX_ROWS = 200

_TONES = {Verdict.HIGHER: "higher", Verdict.LOWER: "lower", Verdict.NOT_SHOWN: ""}


def cards(summaries: Sequence[MetricSummary], scored: Sequence[Scored], pair: Pair) -> Markup:
    """Return the row of cards of one experiment."""
    found: list[Markup] = []
    for summary in summaries:
        if summary.metric in METRICS:  # the others have a table (report_metrics)
            found += _cosine_cards(summary) if summary.metric == "cosine" else [_colour_card(summary)]
    experiment = scored[0].row.experiment if scored else ""
    drawings = {model: called_drawings(scored, experiment, model) for model in (pair.base, pair.tuned)}
    if all(total for _count, total in drawings.values()):
        base, tuned = (_("{count} of {total}").format(count=c, total=t) for c, t in drawings.values())
        found.append(card(_("BLIP calls it a drawing"), tuned, _against(pair, base)))
    return element("div", *found, class_="cards")


def card(title: str, value: str, note: str, tone: str = "") -> Markup:
    """Return one card: what it is, its value large, and one line more."""
    return element(
        "div",
        element("h3", title),
        element("div", value, class_=f"value {tone}".strip()),
        element("p", note),
        class_="card",
    )


def _against(pair: Pair, value: str) -> str:
    """Return the line below a value of the second model: whose it is, and what the first model has."""
    return _("{tuned}; {base} {value}").format(tuned=model_name(pair.tuned), base=model_name(pair.base), value=value)


def _cosine_cards(summary: MetricSummary) -> list[Markup]:
    comparison = summary.comparison
    if not comparison:
        return [
            card(_("CLIP cosine"), number(means.overall.mean), interval_words(means.overall, number))
            for means in summary.models.values()
        ]
    base, tuned = (summary.models[model].overall.mean for model in (summary.pair.base, summary.pair.tuned))
    difference = comparison.difference
    losses = comparison.pairs - comparison.wins - comparison.ties
    return [
        card(_("CLIP cosine"), number(tuned), _against(summary.pair, number(base))),
        card(
            _("Paired difference"),
            signed(difference.mean),
            f"{interval_words(difference)}{_effect(comparison)}",
            _TONES[difference.verdict],
        ),
        card(
            _("Same-seed pairs won"),
            _("{count} of {total}").format(count=comparison.wins, total=comparison.pairs),
            _("lost {losses}; sign test {p}").format(losses=losses, p=p_words(comparison.sign_test_p)),
        ),
    ]


def _effect(comparison: Comparison) -> str:
    return "" if comparison.effect_size is None else f", d = {number(comparison.effect_size, 2)}"


def _colour_card(summary: MetricSummary) -> Markup:
    if not summary.comparison:
        means = [number(model.overall.mean) for model in summary.models.values()]
        return card(_("Colourfulness"), " · ".join(means), _("0 is black and white"))
    base, tuned = (summary.models[model].overall.mean for model in (summary.pair.base, summary.pair.tuned))
    return card(_("Colourfulness"), number(tuned), _against(summary.pair, number(base)))


@dataclass(frozen=True)
class _Table:
    """What a table shows: (prompt, means, interval) a row, all prompts first under the name ""."""

    titles: list[str]
    rows: list[tuple[str, list[float], Interval]]
    is_difference: bool


def score_tables(summary: MetricSummary) -> Markup:
    """Return the comparison of two models prompt by prompt, and where there are more the means of all of them.

    Where two are not compared, each model has its own table.
    """
    comparison, pair = summary.comparison, summary.pair
    if not comparison:
        return together(*(_own_table(_("CLIP cosine"), means) for means in summary.models.values()))
    of_tuning = pair == BASE_AND_TUNED
    names = [_("Base"), _("Fine-tuned")] if of_tuning else [model_name(model) for model in (pair.base, pair.tuned)]
    base, tuned = (_intervals(summary.models[model]) for model in (pair.base, pair.tuned))
    differences = {"": comparison.difference, **comparison.by_prompt}
    rows = [(p, [base[p].mean, tuned[p].mean], i) for p, i in differences.items()]
    return together(
        _drawn(_Table([*names, _("Difference, 95 % interval")], rows, True)),
        _means_table(summary.models) if len(summary.models) > 2 else "",
    )


def _means_table(models: Mapping[str, ModelSummary]) -> Markup:
    """Return every prompt's mean for every model, the deeper coloured the higher."""
    prompts = dict.fromkeys(prompt for means in models.values() for prompt in means.by_prompt)
    means = {(prompt, model): of.by_prompt[prompt].mean for model, of in models.items() for prompt in of.by_prompt}
    low, high = min(means.values()), max(means.values())
    unit = 1 / (high - low) if high > low else 0.0

    def cell(prompt: str, model: str) -> Markup:
        value = means.get((prompt, model))
        if value is None:
            return element("td", "–", class_="number", data_label=model_name(model))
        heat = f"--heat: {round(100 * (value - low) * unit)}%"
        return element("td", number(value), class_="number heat", style=heat, data_label=model_name(model))

    shown = list(prompts)[:MAX_ROWS]
    titles = [element("th", _("Prompt")), *(element("th", model_name(model), class_="number") for model in models)]
    rows = [element("tr", element("th", prompt), *(cell(prompt, model) for model in models)) for prompt in shown]
    html = element("table", element("thead", element("tr", *titles)), element("tbody", *rows))
    return together(
        element("h3", _("Prompts × models")), element("div", html, _more(len(prompts) - len(shown)), class_="panel")
    )


def _own_table(title: str, means: ModelSummary) -> Markup:
    rows = [(prompt, [found.mean], found) for prompt, found in _intervals(means).items()]
    return _drawn(_Table([title, _("95 % interval")], rows, False))


def _intervals(means: ModelSummary) -> dict[str, Interval]:
    return {"": means.overall, **means.by_prompt}


def _drawn(table: _Table) -> Markup:
    shown = table.rows[: MAX_ROWS + 1]
    scale = reach_of([found for _prompt, _means, found in shown], table.is_difference)
    header = [
        element("th", _("Prompt")),
        *(element("th", title, class_="number") for title in table.titles[:-1]),
        element("th", table.titles[-1]),
    ]
    rows = []
    for prompt, means, found in shown:
        cells = [
            element("td", number(mean), class_="number", data_label=title)
            for mean, title in zip(means, table.titles, strict=False)
        ]
        words = element("span", interval_text(found, signed if table.is_difference else number))
        drawn = element("div", chart(found, scale, table.is_difference), words)
        cells.append(element("td", drawn, class_="difference", data_label=table.titles[-1]))
        rows.append(element("tr", element("th", prompt or _("All prompts")), *cells, class_=None if prompt else "all"))
    html = element("table", element("thead", element("tr", *header)), element("tbody", *rows))
    return element("div", html, _more(len(table.rows) - len(shown)), class_="panel")


def _more(left_out: int) -> Markup:
    if not left_out:
        return Markup()
    words = ngettext("{count} more prompt is in summary.csv.", "{count} more prompts are in summary.csv.", left_out)
    return element("p", words.format(count=left_out), class_="note")


def chart(found: Interval, scale: tuple[float, float], with_zero: bool) -> Markup:
    """Return the interval as a bar with its mean as a dot, and where zero lies; a bar that goes on has an arrow."""
    low, high = scale
    unit = (CHART_WIDTH - 2 * MARGIN) / (high - low) if high > low else 0.0
    middle = CHART_HEIGHT / 2

    def x(value: float) -> float:
        return round(MARGIN + (value - low) * unit, 1)

    parts = []
    if with_zero:
        parts.append(element("line", x1=x(0), x2=x(0), y1=1, y2=CHART_HEIGHT - 1, class_="zero"))
    if found.low is not None and found.high is not None:
        left, right = max(found.low, low), min(found.high, high)
        parts.append(element("line", x1=x(left), x2=x(right), y1=middle, y2=middle, class_="bar"))
        ends = [(x(low) - 2, 5) if found.low < low else None, (x(high) + 2, -5) if found.high > high else None]
        parts += [
            element("line", x1=end[0], x2=end[0] + end[1], y1=middle, y2=middle + side, class_="bar")
            for end in ends if end for side in (-5, 5)
        ]
    parts.append(element("circle", cx=x(found.mean), cy=middle, r=4.5))
    return element("svg", *parts, viewBox=f"0 0 {CHART_WIDTH} {CHART_HEIGHT}", aria_hidden="true")
