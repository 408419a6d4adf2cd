"""All a job asks to be measured: scored first, then every other metric, into the pictures' rows and numbers of sets."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import EvaluateJob, Metric, StudyJob
from sketchdesk.contracts.text import _
from sketchdesk.engine.device import Placement
from sketchdesk.engine.evaluation.journal import ScoreJournal, judges_mark
from sketchdesk.engine.evaluation.metrics import IN_SCORING, measure_of
from sketchdesk.engine.evaluation.metrics.material import Material
from sketchdesk.engine.evaluation.placing import scoring_place
from sketchdesk.engine.evaluation.scores import Scored, Value
from sketchdesk.engine.evaluation.scoring import Subject, load_scorers, score_images
from sketchdesk.engine.reporter import Reporter
from sketchdesk.engine.training.ranks import ALONE, Ranks
from sketchdesk.library.evaluation.findings import Pair, SetScore
from sketchdesk.library.evaluation.judges import judge_problem
from sketchdesk.library.evaluation.metric_catalogue import missing, needed
from sketchdesk.library.models.installed import resolve_model

BATCH_SIZE = 16


def check_sources(job: EvaluateJob | StudyJob) -> None:
    """Raise SketchDeskError where a metric lacks what it compares with, before anything is drawn or scored for it.

    BAD_INPUT for what is not said, or is no such model; MODEL_… for judges that are not there or cannot be read.
    """
    problem = missing(job.metrics, job.sources, isinstance(job, StudyJob))
    for name in () if problem else _all_models(job):
        resolve_model(name)
        if name in (job.sources.pickscore_model, job.sources.hps_model):
            problem = problem or judge_problem(name)
    if problem:
        raise SketchDeskError(ErrorKind.BAD_INPUT, problem)


@dataclass(frozen=True)
class Judged:
    """Everything that was measured, and where and in which precision the judges computed."""

    scored: list[Scored]
    sets: list[SetScore]
    placement: Placement


def stages_of(job: EvaluateJob | StudyJob) -> int:
    """Return how many stages judge() has."""
    return 3 if _others(job) else 2


def judge(
    job: EvaluateJob | StudyJob,
    subjects: Sequence[Subject],
    reporter: Reporter,
    first: int,
    stages: int,
    pair: Pair | None = None,
    ranks: Ranks = ALONE,
) -> Judged:
    """Load the judges, score the pictures and measure everything else; the stages are first, first + 1 … of `stages`.

    What was scored in the job's folder before is not scored again. `pair` are a study's two models, `ranks` the
    processes that look at the pictures together; all return the same. Raises Cancelled; SketchDeskError: NO_IMAGES
    where nothing can be read, or what a model, the reference folder or the training set raises.
    """
    reporter.stage("loading", first, stages)
    clip_model = job.clip_model if "clip" in job.metrics else None
    blip_model = job.blip_model if "blip" in needed(job.metrics) else None
    models = [name for name in (clip_model, blip_model) if name]
    batch_size = job.batch_size if isinstance(job, EvaluateJob) else BATCH_SIZE
    placement = scoring_place(job.device, job.precision, job.num_threads, _all_models(job))
    scorers = load_scorers(placement, clip_model, blip_model, batch_size)
    reporter.stage("scoring", first + 1, stages)
    out = Path(job.out_dir)
    journal = ScoreJournal(out, judges_mark([placement.precision], models), ranks.number)
    scored = score_images(subjects, scorers, out, reporter, batch_size, journal, ranks)
    if not _others(job) or not scored:
        return Judged(scored, [], placement)
    reporter.stage("measuring", first + 2, stages)
    texts = {(subject.path, subject.experiment, subject.model): subject.text for subject in subjects}
    material = Material(
        scored=scored,
        texts=[texts[one.path, one.row.experiment, one.row.model] for one in scored],
        sources=job.sources,
        placement=placement,
        reporter=reporter,
        clip_model=job.clip_model,
        clip=scorers.clip,
        pair=pair,
        batch_size=batch_size,
        known=scorers.embeddings,
        ranks=ranks,
    )
    return Judged(*measured(material, _others(job)), placement)


def measured(material: Material, metrics: Sequence[Metric]) -> tuple[list[Scored], list[SetScore]]:
    """Return the pictures with these metrics in their rows, and the numbers of whole sets."""
    rows: list[dict[str, Value]] = [{} for _one in material.scored]
    sets: list[SetScore] = []
    for name in metrics:
        material.reporter.check_cancelled()
        found = measure_of(name)(material)
        sets += found.sets
        for column, values in found.columns.items():
            for row, value in zip(rows, values, strict=True):
                if value is not None:
                    row[column] = value
    return [
        dataclasses.replace(one, row=msgspec.structs.replace(one.row, values=values))
        for one, values in zip(material.scored, rows, strict=True)
    ], sets


def _all_models(job: EvaluateJob | StudyJob) -> list[str]:
    needs, sources = needed(job.metrics), job.sources
    named = {"clip": job.clip_model, "blip": job.blip_model, "pickscore_model": sources.pickscore_model,
             "hps_model": sources.hps_model}  # fmt: skip
    return [name for need, name in named.items() if need in needs and name]


def judge_settings(job: EvaluateJob | StudyJob) -> list[tuple[str, str]]:
    """Return what a report says of the judges and of what the pictures were compared with."""
    needs, sources = needed(job.metrics), job.sources
    rows = [
        (_("CLIP model"), job.clip_model if "clip" in needs else ""),
        (_("BLIP model"), job.blip_model if "blip" in needs else ""),
        (_("Reference pictures"), sources.reference if needs & {"reference", "pairs", "training_set"} else ""),
        (_("Training set"), sources.training_set),
        (_("The style in words"), sources.style_prompt),
        (_("Inception weights"), sources.inception_weights if "inception" in needs else ""),
        ("PickScore", sources.pickscore_model if "pickscore_model" in needs else ""),
        ("HPS v2", sources.hps_model if "hps_model" in needs else ""),
    ]
    return [row for row in rows if row[1]]


def _others(job: EvaluateJob | StudyJob) -> list[Metric]:
    """Return the metrics that are measured after scoring, in the order asked for."""
    return [name for name in dict.fromkeys(job.metrics) if name not in IN_SCORING]
