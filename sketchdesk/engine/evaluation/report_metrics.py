"""The report's further tables: all that was measured, how long it took, what is likest to the training set."""

from __future__ import annotations

from collections.abc import Sequence

from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.summary import METRICS
from sketchdesk.library.evaluation.findings import Pair
from sketchdesk.library.evaluation.memorised import Likest, likest
from sketchdesk.library.evaluation.metric_table import metric_rows, metric_texts, metric_titles
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.evaluation.timings import (
    Timings,
    machine_sentences,
    speed_sentences,
    timing_cells,
    timing_rows,
    timing_titles,
)
from sketchdesk.library.wording.markup import Markup, element, plain_table, together


def metric_table(pair: Pair, findings: VariantFindings) -> Markup:
    """Return a row for each number and model; nothing where only the cosine was asked for."""
    rows = metric_rows(pair, findings)
    if all(row.metric in METRICS for row in rows):
        return Markup()
    texts = [metric_texts(row) for row in rows]
    titles = metric_titles(pair)
    kept = [column for column in range(len(titles)) if column < 5 or any(text[column] for text in texts)]
    return together(
        element("h3", _("All metrics")),
        plain_table([titles[column] for column in kept], [[text[column] for column in kept] for text in texts]),
    )


def times(timings: Timings, pair: Pair) -> Markup:
    """Return how long the models took: sentences, the table, and what it was measured on."""
    rows = timing_rows(timings)
    return together(
        element("h2", _("Time and memory")),
        *(element("p", sentence, class_="lede") for sentence in speed_sentences(timings, pair)),
        plain_table(timing_titles(), [[_two_lines(text) for text, _key in timing_cells(row)] for row in rows]),
        *(element("p", sentence, class_="note") for sentence in machine_sentences(timings)),
    )


def _two_lines(text: str) -> Markup:
    """Return a median with its quartiles, "[…]", below it; any other text as it is."""
    median, bracket, quartiles = text.partition(" [")
    return together(median, element("small", f"[{quartiles}") if bracket else "")


def memorised(section_scored: Sequence[Scored], findings: VariantFindings) -> list[tuple[Likest, Scored]]:
    """Return the pictures most like one of the training set, each with its own file."""
    by_file = {(one.row.model, one.row.file): one for one in section_scored}
    return [
        (found, by_file[found.image.model, found.image.file])
        for found in likest(findings) if (found.image.model, found.image.file) in by_file
    ]  # fmt: skip
