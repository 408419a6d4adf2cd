"""The blind votes in a report: they come after it was written, so they are put in when it is taken elsewhere."""

from __future__ import annotations

from pathlib import Path

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.metric_table import agreed_words, metric_name, metric_rows
from sketchdesk.library.evaluation.studies import Study, VariantFindings, read_study
from sketchdesk.library.evaluation.votes import count, read_votes, votes_sentence
from sketchdesk.library.wording.markup import Markup, element, plain_table, together


def with_votes(page: str, folder: Path) -> str:
    """Return a study's report with the votes on it before its last words; as it is where nobody voted."""
    try:
        study = read_study(folder)
    except SketchDeskError:
        return page  # a report without its numbers is still a report
    told = [_told(study, folder, variant) for variant in study.variants]
    if not any(told):
        return page
    section = element("section", element("h2", _("Blind votes")), *told)
    place = max(page.rfind("<footer"), 0) or page.rfind("</main>")
    return page if place < 0 else f"{page[:place]}{section}{page[place:]}"


def _told(study: Study, folder: Path, variant: VariantFindings) -> Markup:
    """Return what the votes on one variant say, and how often each number would have voted alike."""
    votes = read_votes(folder, variant.name)
    if not votes:
        return Markup()
    counted = count(study.pair, variant, votes)
    rows = [row for row in metric_rows(study.pair, variant, counted) if row.agreed]
    table = plain_table([_("Metric"), _("Votes agree")], [[metric_name(row.metric), agreed_words(row)] for row in rows])
    return together(
        element("h3", _(variant.title) if variant.title else variant.name) if len(study.variants) > 1 else "",
        element("p", votes_sentence(counted, study.pair), class_="lede"),
        table if rows else "",
    )
