"""The evaluate job: score a folder of images and leave scores.csv, summary.csv, report.html and study.json."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, StudyVariant
from sketchdesk.contracts.text import _
from sketchdesk.engine.evaluation.measuring import Judged, check_sources, judge, judge_settings, stages_of
from sketchdesk.engine.evaluation.outcome import made_with, mean_values
from sketchdesk.engine.evaluation.report import Report, Section
from sketchdesk.engine.evaluation.results import write_results
from sketchdesk.engine.evaluation.scores import Scored
from sketchdesk.engine.evaluation.scoring import Subject
from sketchdesk.engine.evaluation.statistics import interval
from sketchdesk.engine.evaluation.study_file import study_of
from sketchdesk.engine.evaluation.summary import MetricSummary, summarise
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import join, leave
from sketchdesk.library.evaluation.finding_words import interval_words, model_name
from sketchdesk.library.evaluation.findings import BASE_AND_TUNED
from sketchdesk.library.evaluation.metric_catalogue import needed
from sketchdesk.library.evaluation.studies import VariantFindings
from sketchdesk.library.images.metadata import image_files, read_record
from sketchdesk.library.prompts.reading import read_prompts
from sketchdesk.library.wording.number_words import number


def run(job: EvaluateJob, reporter: Reporter) -> dict[str, str | int | float | None]:
    """Score the job's images; what cannot be read is left out with a notice.

    The result names the files it wrote and the number of images scored; mean_<metric> is the mean over all prompts and
    models, None where nothing could be measured. Of several processes each scores its share, and only the first returns
    a result. Raises SketchDeskError (NO_IMAGES, BAD_INPUT, a model's own).
    """
    check_sources(job)
    stages = stages_of(job) + 1
    ranks, device = join(job.device)
    try:
        subjects = _subjects(job, reporter)
        judged = judge(msgspec.structs.replace(job, device=device), subjects, reporter, 0, stages, ranks=ranks)
    finally:
        leave()
    if not judged.scored:
        raise SketchDeskError(ErrorKind.NO_IMAGES, job.images_dir, "none of the image files could be read")
    reporter.stage("writing", stages - 1, stages)
    return _write(job, judged) if ranks.is_first else {}


def _write(job: EvaluateJob, judged: Judged) -> dict[str, str | int | float | None]:
    scored, sets, placement = judged.scored, judged.sets, judged.placement
    summaries = summarise(scored)
    settings = _settings(job, str(placement.device), placement.precision)
    variant = StudyVariant(name="", scorer_prefix=job.scorer_prefix)
    title = Path(job.images_dir).name
    study = study_of(job, title, [variant], scored, summaries, BASE_AND_TUNED, placement, sets)
    report = _report(job, scored, summaries, settings, study.variants[0])
    written = write_results(Path(job.out_dir), scored, summaries, report, study, sets)
    return {**written, **_means(scored), **mean_values(summaries, sets)}


def _subjects(job: EvaluateJob, reporter: Reporter) -> list[Subject]:
    """Return the folder's images with their prompts. Raises NO_IMAGES, or BAD_INPUT where no prompt can be found."""
    folder = Path(job.images_dir)
    files = _encodable(image_files(folder), reporter)
    if not files:
        raise SketchDeskError(ErrorKind.NO_IMAGES, job.images_dir)
    records = [read_record(file) for file in files]
    prompts = [record.prompt if record else "" for record in records]
    if job.prompts_file is not None:
        prompts = _listed_prompts(Path(job.prompts_file), prompts)
    untold = prompts.count("") if "prompts" in needed(job.metrics) else 0
    if untold == len(files):
        raise SketchDeskError(
            ErrorKind.BAD_INPUT,
            _("None of the images in “{folder}” says its prompt; give a list of prompts.").format(folder=folder),
        )
    if untold:
        message = _("{count} images do not say their prompt, to be compared with; a list of prompts would tell.")
        reporter.notice(message.format(count=untold), "warning")
    return [
        Subject(
            path=file,
            prompt=prompt,
            seed=record.seed if record else None,
            model=record.model if record else "",
            scorer_prefix=job.scorer_prefix,
        )
        for file, prompt, record in zip(files, prompts, records, strict=True)
    ]


def _encodable(files: Sequence[Path], reporter: Reporter) -> list[Path]:
    """Leave out files whose name is no Unicode: neither an event nor a CSV file could name them."""
    kept = []
    for file in files:
        try:
            str(file).encode()
        except UnicodeEncodeError:
            name = file.name.encode(errors="backslashreplace").decode()
            reporter.notice(_("Left out, the file name is not valid text: {file}").format(file=name), "warning")
        else:
            kept.append(file)
    return kept


def _listed_prompts(path: Path, own: Sequence[str]) -> list[str]:
    """Return a prompt for each image; `own` are those the images say themselves, in the order of the file names.

    Where every image names a prompt of the list that is its prompt. Else the list is dealt out in order: a row that
    says how many images it has gets so many; where no row says so, all get equally many. Raises BAD_INPUT where the
    numbers do not fit.
    """
    rows = read_prompts(path)
    if set(own) <= {row.prompt for row in rows}:
        return list(own)
    each = 1 if any(row.count for row in rows) else max(1, len(own) // len(rows))
    prompts = [row.prompt for row in rows for _copy in range(row.count or each)]
    if len(prompts) != len(own):
        message = _("“{file}” has prompts for {prompts} images, but there are {images}.")
        raise SketchDeskError(ErrorKind.BAD_INPUT, message.format(file=path, prompts=len(prompts), images=len(own)))
    return prompts


def _means(scored: Sequence[Scored]) -> dict[str, float | None]:
    """Return the means over all prompts, whatever model drew the images; None for what was not measured."""
    by_prompt: dict[str, list[float]] = {}
    for one in scored:
        if one.row.cosine is not None:
            by_prompt.setdefault(one.row.prompt, []).append(one.row.cosine)
    cosine = interval(by_prompt) if by_prompt else None
    return {
        "mean_cosine": cosine.mean if cosine else None,
        "mean_cosine_low": cosine.low if cosine else None,
        "mean_cosine_high": cosine.high if cosine else None,
        "mean_colourfulness": sum(one.colourfulness for one in scored) / len(scored),
    }


def _report(
    job: EvaluateJob, scored: Sequence[Scored], summaries: Sequence[MetricSummary], settings: list[tuple[str, str]],
    findings: VariantFindings,
) -> Report:  # fmt: skip
    headline = []
    for summary in summaries:
        for model, means in summary.models.items() if summary.metric == "cosine" else ():
            sentence = (
                _("The images of {model} have a mean CLIP cosine of {mean} ({interval}).")
                if model
                else _("The images have a mean CLIP cosine of {mean} ({interval}).")
            )
            words = interval_words(means.overall, number)
            headline.append(
                sentence.format(model=model_name(model), mean=number(means.overall.mean), interval=words)
            )
    place = str(Path(job.images_dir))
    section = Section(title=_("Images"), explanation=place, scored=scored, summaries=summaries, findings=findings)
    return Report(
        title=_("Evaluation"), headline=headline, sections=[section], settings=settings, footer=made_with(), job=job
    )


def _settings(job: EvaluateJob, device: str, precision: str) -> list[tuple[str, str]]:
    rows = [(_("Images"), job.images_dir), (_("Text before every prompt"), job.scorer_prefix)]
    rows += judge_settings(job)
    return [row for row in [*rows, (_("Device"), device), (_("Precision"), precision)] if row[1]]
