"""A study as tables for a paper and for a data frame: Markdown, LaTeX, Parquet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sketchdesk.contracts.text import _
from sketchdesk.library.atomic import replacing, write_text
from sketchdesk.library.finding_words import model_name
from sketchdesk.library.findings import Interval, Standing
from sketchdesk.library.number_words import localized
from sketchdesk.library.studies import Study, VariantFindings, read_study

MARKDOWN, LATEX, PARQUET = "table.md", "table.tex", "scores.parquet"
_LATEX_SIGNS = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip

Rows = list[list[str]]


def markdown(study: Study) -> str:
    """Return one table a variant and metric, the best model first; not told apart from it is in bold too."""
    return "\n".join(
        f"### {title}\n\n{_markdown_table(rows)}" for title, rows in _tables(study, "**{}**".format, _escaped_markdown)
    )


def latex(study: Study) -> str:
    """Return the same tables for LaTeX, with booktabs' rules."""
    return "\n".join(
        _latex_table(title, rows) for title, rows in _tables(study, r"\textbf{{{}}}".format, _escaped_latex)
    )


def export_table(folder: Path, name: str, target: Path) -> Path:
    """Write one of MARKDOWN, LATEX and PARQUET of the study in a folder to `target`, whole, and return that.

    Raises SketchDeskError(BAD_INPUT, DISK_FULL, NOT_WRITABLE).
    """
    study = read_study(folder)
    if name == PARQUET:
        return write_parquet(target, study)
    write_text(target, markdown(study) if name == MARKDOWN else latex(study))
    return target


def write_parquet(path: Path, study: Study) -> Path:
    """Write every picture with what was measured on it, a row each, and return the path.

    Raises SketchDeskError(DISK_FULL, NOT_WRITABLE).
    """
    import pyarrow as pa
    import pyarrow.parquet

    rows = [
        {
            "variant": variant.name, "model": image.model, "prompt": image.prompt, "seed": image.seed,
            "file": image.file, "cosine": image.cosine, "colourfulness": image.colourfulness,
            "caption": image.caption, "is_called_drawing": image.is_called_drawing,
        }
        for variant in study.variants for image in variant.images
    ]  # fmt: skip
    schema = pa.schema([
        ("variant", pa.string()), ("model", pa.string()), ("prompt", pa.string()), ("seed", pa.uint64()),
        ("file", pa.string()), ("cosine", pa.float64()), ("colourfulness", pa.float64()), ("caption", pa.string()),
        ("is_called_drawing", pa.bool_()),
    ])  # fmt: skip
    with replacing(path) as temporary:
        pyarrow.parquet.write_table(pa.Table.from_pylist(rows, schema), temporary)
    return path


def _tables(
    study: Study, strong: Callable[[str], str], escaped: Callable[[str], str]
) -> list[tuple[str, Rows]]:
    found = []
    for variant in study.variants:
        for metric, standings in variant.leaderboards.items():
            title = " · ".join(part for part in (_(variant.title) if variant.title else variant.name, metric) if part)
            header = [_("Model"), _("Images"), _("Mean"), _("95 % interval"), _("To the best"), _("p (Holm)")]
            rows = [_row(variant, standing, strong, escaped) for standing in standings]
            found.append((escaped(title), [[escaped(cell) for cell in header], *rows]))
    return found


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
    return cell.replace("\N{MINUS SIGN}", "$-$").replace("<", "$<$").replace("–", "--")


def _escaped_latex(text: str) -> str:
    return "".join(_LATEX_SIGNS.get(sign, sign) for sign in text)


def _escaped_markdown(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "|*_`[]<>\\" else sign for sign in text).replace("\n", " ")
