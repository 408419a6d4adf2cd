"""A study as tables for a paper: Markdown and LaTeX; and, by study_parquet, for a data frame."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.findings import Interval, Standing
from sketchdesk.library.evaluation.metric_catalogue import better_of, title_of
from sketchdesk.library.evaluation.metric_table import metric_rows, metric_texts, metric_titles
from sketchdesk.library.evaluation.studies import Study, VariantFindings, read_study
from sketchdesk.library.evaluation.study_parquet import write_parquet, write_times_parquet
from sketchdesk.library.evaluation.timings import timing_cells, timing_rows, timing_titles
from sketchdesk.library.evaluation.votes import NO_VOTES, Votes, count, read_votes
from sketchdesk.library.files.atomic import write_text
from sketchdesk.library.wording.number_words import localized

MARKDOWN, LATEX, PARQUET, TIMES_PARQUET = "table.md", "table.tex", "scores.parquet", "timings.parquet"
_LATEX_SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

Rows = list[list[str]]


def markdown(study: Study, votes: Votes = NO_VOTES) -> str:
    """Return one table a variant and metric, the best model first; not told apart from it is in bold too.

    Then everything measured in each variant, the blind votes among it, and how long the models took.
    """
    tables = [*_tables(study, "**{}**".format, _escaped_markdown), *_overviews(study, votes, _escaped_markdown)]
    return "\n".join(f"### {title}\n\n{_markdown_table(rows)}" for title, rows in tables)


def latex(study: Study, votes: Votes = NO_VOTES) -> str:
    """Return the same tables for LaTeX, with booktabs' rules."""
    tables = [*_tables(study, r"\textbf{{{}}}".format, _escaped_latex), *_overviews(study, votes, _escaped_latex)]
    return "\n".join(_latex_table(title, rows) for title, rows in tables)


def export_table(folder: Path, name: str, target: Path) -> Path:
    """Write one of MARKDOWN, LATEX, PARQUET, TIMES_PARQUET of a folder's study to `target`, whole, and return that.

    Raises SketchDeskError(BAD_INPUT, DISK_FULL, NOT_WRITABLE).
    """
    study = read_study(folder)
    votes = {variant.name: read_votes(folder, variant.name) for variant in study.variants}
    if name == PARQUET:
        return write_parquet(target, study, votes)
    if name == TIMES_PARQUET:
        return write_times_parquet(target, study)
    write_text(target, markdown(study, votes) if name == MARKDOWN else latex(study, votes))
    return target


def _tables(
    study: Study, strong: Callable[[str], str], escaped: Callable[[str], str]
) -> list[tuple[str, Rows]]:
    found = []
    for variant in study.variants:
        for metric, standings in variant.leaderboards.items():
            if better_of(metric) == "neither":
                continue  # there is no best; its means are in the table of all metrics
            title = " · ".join(part for part in (_titled(variant), title_of(metric)) if part)
            header = [_("Model"), _("Images"), _("Mean"), _("95 % interval"), _("To the best"), _("p (Holm)")]
            rows = [_row(variant, standing, strong, escaped) for standing in standings]
            found.append((escaped(title), [[escaped(cell) for cell in header], *rows]))
    return found


def _overviews(study: Study, votes: Votes, escaped: Callable[[str], str]) -> list[tuple[str, Rows]]:
    """Return for each variant all that was measured, and at last the times."""
    found = []
    for variant in study.variants:
        own = votes.get(variant.name, {})
        rows = metric_rows(study.pair, variant, count(study.pair, variant, own) if own else None)
        if rows:
            titles, texts = metric_titles(study.pair), [metric_texts(row) for row in rows]
            title = " · ".join(part for part in (_titled(variant), _("all metrics")) if part)
            found.append((title, [titles, *texts]))
    if study.timings:
        cells = [[text for text, _key in timing_cells(row)] for row in timing_rows(study.timings)]
        found.append((_("Time and memory"), [timing_titles(), *cells]))
    return [(escaped(title), [[escaped(cell) for cell in row] for row in rows]) for title, rows in found]


def _titled(variant: VariantFindings) -> str:
    return _(variant.title) if variant.title else variant.name


def _row(
    variant: VariantFindings, standing: Standing, strong: Callable[[str], str], escaped: Callable[[str], str]
) -> list[str]:
    findings = variant.model(standing.model)
    name = escaped(model_name(standing.model))
    return [
        strong(name) if standing.may_be_best else name,
        str(findings.images if findings else ""),
        _number(standing.mean.mean),
        _span(standing.mean),
        f"{_number(standing.to_best.mean)} {_span(standing.to_best)}".strip() if standing.to_best else "–",
        "–" if standing.p is None else _p(standing.p),
    ]


def _number(value: float) -> str:
    return localized(f"{value:.4f}")


def _span(found: Interval) -> str:
    return "" if found.low is None or found.high is None else f"[{_number(found.low)}; {_number(found.high)}]"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else localized(f"{value:.3f}")


def _markdown_table(rows: Rows) -> str:
    header, *body = rows
    lines = [header, ["---", *("---:" for _cell in header[1:])], *body]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _latex_table(title: str, rows: Rows) -> str:
    header, *body = (" & ".join(_math(cell) for cell in row) + r" \\" for row in rows)
    lines = [
        r"\begin{table}", rf"\caption{{{title}}}", rf"\begin{{tabular}}{{l{'r' * (len(rows[0]) - 1)}}}", r"\toprule",
        header, r"\midrule", *body, r"\bottomrule", r"\end{tabular}", r"\end{table}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _math(cell: str) -> str:
    return cell.replace("\N{MINUS SIGN}", "$-$").replace("<", "$<$").replace("–", "--").replace("±", r"$\pm$")


def _escaped_latex(text: str) -> str:
    return "".join(_LATEX_SIGNS.get(sign, sign) for sign in text)


def _escaped_markdown(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "|*_`[]<>\\" else sign for sign in text).replace("\n", " ")
