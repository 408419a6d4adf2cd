"""report.html: one file with pictures, numbers and how they came about; it refers to nothing outside itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from sketchdesk.contracts.jobs import EvaluateJob, StudyJob
from sketchdesk.contracts.text import _, language, ngettext
from sketchdesk.engine.evaluation.report_choice import leaderboard
from sketchdesk.engine.evaluation.report_figures import cards, score_tables
from sketchdesk.engine.evaluation.report_metrics import memorised, metric_table, times
from sketchdesk.engine.evaluation.report_pictures import chosen, nearest, of_prompt
from sketchdesk.engine.evaluation.report_style import STYLE
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.summary import MetricSummary
from sketchdesk.library.evaluation.finding_words import method_sentences, model_name
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED, Pair
from sketchdesk.library.evaluation.memorised import memory_sentences
from sketchdesk.library.evaluation.metric_catalogue import BY_NAME
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.evaluation.study_repeat import JOB_MARK
from sketchdesk.library.evaluation.timings import Timings
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.wording.markup import Markup, element, together

MAX_PICTURES = 600
"""Pictures shown in one report: about 3 MB. The rest is in scores.csv, and the report says so."""


@dataclass(frozen=True)
class Section:
    """One experiment of the report: its images and what was measured on them."""

    title: str
    explanation: str
    scored: Sequence[Scored]
    summaries: Sequence[MetricSummary]
    """Those of this experiment, one a metric."""
    prompt_notes: Mapping[str, str] = field(default_factory=dict)
    """Prompt → a line under its heading."""
    findings: VariantFindings | None = None
    """The same as study.json holds it: the tables of all metrics and of what is memorised are made of it."""


@dataclass(frozen=True)
class Report:
    """Everything the page shows. All of it is plain text."""

    title: str
    headline: Sequence[str]
    sections: Sequence[Section]
    mapping: Sequence[tuple[str, str]] = ()
    """The prompts as first asked and as drawn."""
    settings: Sequence[tuple[str, str]] = ()
    pair: Pair = BASE_AND_TUNED
    footer: str = ""
    job: StudyJob | EvaluateJob | None = None
    """What does all of this again; the page holds it, unseen."""
    timings: Timings | None = None


def write_report(path: Path, report: Report) -> None:
    """Write the page, whole. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE)."""
    write_text(path, "<!doctype html>\n" + page(report) + "\n")


def page(report: Report) -> Markup:
    """Return the page as HTML. Pictures are read from the files the scores name."""
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name=JOB_MARK, content=msgspec.json.encode(report.job).decode()) if report.job else "",
        element("title", report.title),
        element("style", Markup(STYLE)),
    )
    room = MAX_PICTURES // max(1, len(report.sections))
    sections = [_section(section, chosen(section.scored, room), report.pair) for section in report.sections]
    main = element(
        "main",
        element("p", "SketchDesk", class_="brand"),
        element("h1", report.title),
        *(element("p", sentence, class_="lede") for sentence in report.headline),
        times(report.timings, report.pair) if report.timings else "",
        *sections,
        _mapping(report.mapping),
        _method(report),
        _settings(report.settings),
        element("footer", report.footer) if report.footer else "",
    )
    return element("html", head, element("body", main), lang=language())


def _section(section: Section, shown: Sequence[Scored], pair: Pair) -> Markup:
    left_out = len(section.scored) - len(shown)
    note = ngettext(
        "{count} more image is not shown here; scores.csv has it.",
        "{count} more images are not shown here; scores.csv has them.",
        left_out,
    ).format(count=left_out)
    cosine = next((summary for summary in section.summaries if summary.metric == "cosine"), None)
    prompts = dict.fromkeys(one.row.prompt for one in shown)
    return element(
        "section",
        element("h2", section.title),
        element("p", section.explanation, class_="note"),
        cards(section.summaries, section.scored, pair),
        leaderboard(pair, section.findings) if section.findings else "",
        score_tables(cosine) if cosine else "",
        metric_table(pair, section.findings) if section.findings else "",
        nearest(memorised(section.scored, section.findings), memory_sentences(section.findings))
        if section.findings else "",
        *(of_prompt(prompt, section.prompt_notes.get(prompt, ""), shown, pair) for prompt in prompts),
        element("p", note, class_="note") if left_out else "",
    )


def _mapping(mapping: Sequence[tuple[str, str]]) -> Markup:
    if not mapping:
        return Markup()
    note = _("The demo's models know a small language; each prompt was drawn in its nearest words.")
    return together(
        element("h2", _("The prompts in the demo's words")), element("p", note, class_="note"), _list(mapping)
    )


def _method(report: Report) -> Markup:
    summaries = [summary for section in report.sections for summary in section.summaries]
    intervals = [summary.comparison.difference for summary in summaries if summary.comparison]
    intervals = intervals or [model.overall for summary in summaries for model in summary.models.values()]
    findings = [section.findings for section in report.sections if section.findings]
    intervals += [one.interval for found in findings for one in found.sets if one.interval]
    others = [BY_NAME[name] for name in report.job.metrics if name not in ("clip", "blip")] if report.job else []
    sentences = [
        _("Cosine: that of CLIP's embeddings of picture and text, as it is (−1 to 1), neither scaled nor cut off."),
        _("Every prompt counts the same: the mean of a prompt's images first, then the mean of the prompts."),
        *method_sentences(intervals),
        _("The interval in a prompt's own row is over its seeds and speaks of that prompt only."),
        _("Colourfulness: max(R, G, B) − min(R, G, B), averaged over the pixels; 0 is a picture in greys, 1 the most."),
        *(f"{_(info.title)}: {_(info.sentence)}." for info in others),
    ]
    if any(summary.comparison for summary in summaries):
        sentences += [
            _difference_sentence(report.pair),
            _("Sign test: exact, two-sided, over the pictures of these prompts; ties are left out."),
        ]
    items = [element("li", sentence) for sentence in sentences]
    return together(element("h2", _("How the numbers were made")), element("ul", *items))


def _difference_sentence(pair: Pair) -> str:
    if pair == BASE_AND_TUNED:
        return _("Difference: fine-tuned minus base, between pictures of the same prompt and the same seed.")
    words = _("Difference: {tuned} minus {base}, between pictures of the same prompt and the same seed.")
    return words.format(tuned=model_name(pair.tuned), base=model_name(pair.base))


def _settings(settings: Sequence[tuple[str, str]]) -> Markup:
    return together(element("h2", _("Settings")), _list(settings)) if settings else Markup()


def _list(rows: Iterable[tuple[str, str]]) -> Markup:
    parts = [part for name, value in rows for part in (element("dt", name), element("dd", value))]
    return element("div", element("dl", *parts), class_="panel")
