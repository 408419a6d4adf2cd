"""What a comparison leaves in its folder: scores.csv, summary.csv, timings.csv, report.html, and last study.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sketchdesk.engine.evaluation.report import Report, write_report
from sketchdesk.engine.evaluation.scores import Scored, write_scores, write_summary
from sketchdesk.engine.evaluation.summary import MetricSummary, set_rows, summary_rows
from sketchdesk.library.evaluation.findings import SetScore
from sketchdesk.library.evaluation.studies import REPORT, SCORES, STUDY, SUMMARY, Study, write_study
from sketchdesk.library.evaluation.timings import TIMINGS, write_timings


def write_results(
    folder: Path,
    scored: Sequence[Scored],
    summaries: Sequence[MetricSummary],
    report: Report,
    study: Study,
    sets: Sequence[SetScore] = (),
) -> dict[str, str | int | float | None]:
    """Write everything, each file whole, and return the names of the files and how many images were scored.

    The window opens whatever folder this was written to. Raises SketchDeskError (DISK_FULL, NOT_WRITABLE).
    """
    write_scores(folder / SCORES, (one.row for one in scored))
    write_summary(folder / SUMMARY, [*summary_rows(summaries), *set_rows(sets)])
    if study.timings:
        write_timings(folder / TIMINGS, study.timings)
    write_report(folder / REPORT, report)
    write_study(folder, study)  # last, because it is what tells that the results are whole
    return {
        "study_json": str(folder / STUDY),
        "scores_csv": str(folder / SCORES),
        "summary_csv": str(folder / SUMMARY),
        "report_html": str(folder / REPORT),
        "images": len(scored),
    }
